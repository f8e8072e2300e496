// A new coupon: of which kind, which code, and how long it lasts.
import { NumberInput, Radio, Select, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api, ApiError } from "@/api/client";
import { tellDone } from "@/app/notices";
import { FormDrawer } from "@/ui/FormDrawer";

type Kind = "static" | "generated" | "pool";

interface Values {
  name: string;
  kind: Kind;
  code: string;
  lasts: "always" | "days";
  days: number | string;
}

const EMPTY: Values = { name: "", kind: "generated", code: "", lasts: "always", days: 7 };

export function CouponDrawer({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<string | null>(null);
  const client = useQueryClient();
  const form = useForm<Values>({
    initialValues: EMPTY,
    validate: {
      name: (name) => (name.trim() ? null : "A coupon needs a name."),
      code: (code, { kind }) => (kind === "static" && !code.trim() ? "Write the code that everyone gets." : null),
      days: (days, { lasts }) => (lasts === "days" && !(Number(days) > 0) ? "Say how many days." : null),
    },
  });
  const close = () => {
    form.reset();
    setRefused(null);
    onClose();
  };
  const save = form.onSubmit(async ({ name, kind, code, lasts, days }) => {
    setBusy(true);
    setRefused(null);
    try {
      // Defining a coupon that is there changes it: a new one must not do so by chance.
      const there = await api.GET("/api/v1/coupons", { params: { query: { q: name.trim(), limit: 1000 } } });
      if (there.data!.data.some((one) => one.name === name.trim())) {
        form.setFieldError("name", "There is already a coupon of this name.");
        return;
      }
      await api.POST("/api/v1/coupons", { body: { name: name.trim(), kind, code: kind === "pool" ? null : code.trim() || null, expires_after_hours: lasts === "days" ? Number(days) * 24 : null } });
      await client.invalidateQueries({ queryKey: ["get", "/api/v1/coupons"] });
      tellDone(kind === "pool" ? `${name.trim()} is made. Add its codes next.` : `${name.trim()} is made.`);
      close();
    } catch (error) {
      if (error instanceof ApiError && error.field && error.field in EMPTY) form.setFieldError(error.field, error.detail);
      else setRefused(error instanceof ApiError ? error.detail : "It was not made. Try again.");
    } finally {
      setBusy(false);
    }
  });
  const { kind, lasts } = form.values;
  return (
    <FormDrawer opened={opened} onClose={close} title="New coupon" action="Make coupon" busy={busy} refused={refused} onSubmit={() => save()}>
      <TextInput label="Name" description="As emails write it. It stays." placeholder="WELCOME10" maxLength={100} required {...form.getInputProps("name")} />
      <Radio.Group label="Kind" {...form.getInputProps("kind")}>
        <Stack gap="xs" mt={6}>
          <Radio value="generated" label="A code for each person, made when their email is sent" description="Your shop must accept it: WELCOME10-7KQ2M." />
          <Radio value="pool" label="A code for each person, from a list that you bring" description="Emails are skipped when the list is used up." />
          <Radio value="static" label="One code for everyone" />
        </Stack>
      </Radio.Group>
      {kind !== "pool" && <TextInput label={kind === "static" ? "Code" : "Begins with"} placeholder={kind === "static" ? "SPRING15" : "The name, unless you write another"} maxLength={100} required={kind === "static"} {...form.getInputProps("code")} />}
      <Select label="Ends" allowDeselect={false} data={[{ value: "always", label: "Never" }, { value: "days", label: "Some days after a person gets it" }]} {...form.getInputProps("lasts")} />
      {lasts === "days" && <NumberInput label="Days" min={1} max={3650} allowDecimal={false} {...form.getInputProps("days")} />}
    </FormDrawer>
  );
}
