// Another password.
import { Button, Group, PasswordInput, Stack, Text } from "@mantine/core";
import { type FormEvent, useState } from "react";

import { account } from "@/api/account";
import { tellDone } from "@/app/notices";
import { useMe } from "@/app/session";

import { Part } from "../SettingsPage";
import { useChange } from "./useChange";

const LEAST = 10;

export function PasswordPart() {
  const { user } = useMe();
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const { busy, refused, run } = useChange();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const body = user.has_password ? { current_password: current, new_password: next } : { new_password: next };
    if (await run(() => account("POST", "/account/password/change", body))) {
      setCurrent("");
      setNext("");
      tellDone("Your password is changed.");
    }
  };
  const at = (field: string) => (refused?.field === field ? refused.detail : undefined);
  const short = next.length > 0 && next.length < LEAST;
  return (
    <Part title="Password" words={`At least ${LEAST} characters. A few words that you can remember are better than one with signs.`}>
      <form onSubmit={submit}>
        <Stack>
          <input type="email" autoComplete="username" value={user.email} readOnly hidden />
          {user.has_password && <PasswordInput label="Present password" autoComplete="current-password" required value={current} error={at("current_password")} onChange={(event) => setCurrent(event.currentTarget.value)} />}
          <PasswordInput label="New password" autoComplete="new-password" required minLength={LEAST} value={next} error={at("new_password") ?? (short ? `${LEAST - next.length} more characters` : undefined)} onChange={(event) => setNext(event.currentTarget.value)} />
          {refused && !refused.field && <Text size="sm" c="red" role="alert">{refused.detail}</Text>}
          <Group><Button type="submit" variant="default" loading={busy} disabled={next.length < LEAST || (user.has_password && !current)}>Change the password</Button></Group>
        </Stack>
      </form>
    </Part>
  );
}
