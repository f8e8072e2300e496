// Somebody new, by hand: an address is enough.
import { TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";

import { api, ApiError } from "@/api/client";
import { tellDone } from "@/app/notices";
import { useInBrand } from "@/app/places";
import { FormDrawer } from "@/ui/FormDrawer";

export function AddProfile({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const form = useForm({ initialValues: { email: "", first_name: "", last_name: "", phone: "" } });
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<string | null>(null);
  const inBrand = useInBrand();
  const navigate = useNavigate();
  const client = useQueryClient();
  const submit = async () => {
    setBusy(true);
    setRefused(null);
    const given = Object.fromEntries(Object.entries(form.values).map(([name, value]) => [name, value.trim()]).filter(([, value]) => value));
    try {
      const { data } = await api.POST("/api/v1/profiles", { body: { properties: {}, ...given } });
      await client.invalidateQueries({ queryKey: ["get", "/api/v1/profiles/table"] });
      tellDone("The profile is saved.");
      form.reset();
      onClose();
      if (data) void navigate({ to: inBrand(`/profiles/${data.id}`) });
    } catch (error) {
      const said = error instanceof ApiError ? error : null;
      if (said?.field && said.field in form.values) form.setFieldError(said.field, said.detail);
      else setRefused(said?.detail ?? "It could not be saved.");
    } finally {
      setBusy(false);
    }
  };
  return (
    <FormDrawer opened={opened} onClose={onClose} title="Add a profile" action="Add profile" busy={busy} refused={refused} onSubmit={submit}>
      <TextInput label="Email address" type="email" description="Somebody with this address already is opened, and changed by what you fill in." data-autofocus {...form.getInputProps("email")} />
      <TextInput label="First name" {...form.getInputProps("first_name")} />
      <TextInput label="Last name" {...form.getInputProps("last_name")} />
      <TextInput label="Phone" description="In international form: +49 30 1234567" {...form.getInputProps("phone")} />
    </FormDrawer>
  );
}
