// One's name, as colleagues see it.
import { Button, Group, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";

import { api } from "@/api/client";
import { tellDone } from "@/app/notices";
import { useMe } from "@/app/session";

import { Part } from "../SettingsPage";
import { useChange } from "./useChange";

export function YouPart() {
  const { user } = useMe();
  const [name, setName] = useState(user.name);
  const { busy, refused, run } = useChange();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (await run(() => api.PATCH("/api/v1/me", { body: { name: name.trim() } }))) tellDone("Saved.");
  };
  return (
    <Part title="You" words="Colleagues see your name and address.">
      <form onSubmit={submit}>
        <TextInput label="Name" autoComplete="name" maxLength={200} value={name} error={refused?.detail} onChange={(event) => setName(event.currentTarget.value)} />
        <TextInput label="Email address" description="You log in with it." value={user.email} readOnly mt="md" />
        <Group mt="md"><Button type="submit" variant="default" loading={busy} disabled={name.trim() === user.name}>Save the name</Button></Group>
      </form>
    </Part>
  );
}
