// A list's name and how people join it: for a new one, and for one that is there.
import { Radio, Stack, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";

import { api, ApiError } from "@/api/client";
import type { components } from "@/api/schema";
import { tellDone } from "@/app/notices";
import { useInBrand } from "@/app/places";
import { FormDrawer } from "@/ui/FormDrawer";

type List = components["schemas"]["ListOut"];

export function ListForm({ list, onClose }: { list?: List; onClose: () => void }) {
  const [name, setName] = useState(list?.name ?? "");
  const [optIn, setOptIn] = useState<"single" | "double">(list?.opt_in ?? "double");
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<string | null>(null);
  const client = useQueryClient();
  const navigate = useNavigate();
  const inBrand = useInBrand();
  const save = async () => {
    setBusy(true);
    setRefused(null);
    try {
      const body = { name: name.trim(), opt_in: optIn };
      const { data } = list
        ? await api.PATCH("/api/v1/lists/{list_id}", { params: { path: { list_id: list.id } }, body })
        : await api.POST("/api/v1/lists", { body });
      await client.invalidateQueries({ queryKey: ["get"] });
      tellDone("The list is saved.");
      onClose();
      if (!list && data) void navigate({ to: inBrand(`/lists/${data.id}`) });
    } catch (error) {
      setRefused(error instanceof ApiError ? error.detail : "It could not be saved.");
    } finally {
      setBusy(false);
    }
  };
  return (
    <FormDrawer opened onClose={onClose} title={list ? "Edit list" : "New list"} action={list ? "Save" : "Make list"} busy={busy} refused={refused} onSubmit={save}>
      <TextInput label="Name" value={name} maxLength={200} required onChange={(event) => setName(event.currentTarget.value)} data-autofocus />
      <Radio.Group label="How people join" description={list ? "Holds for those who join from now on." : undefined} value={optIn} onChange={(value) => setOptIn(value as "single" | "double")}>
        <Stack gap="sm" mt="xs">
          <Radio value="double" label="Double opt-in" description="They get an email and are on the list once they confirm it. Best against false addresses, and usual in Germany." />
          <Radio value="single" label="Single opt-in" description="They are on the list at once." />
        </Stack>
      </Radio.Group>
    </FormDrawer>
  );
}
