// The first account of an instance. Everyone after that is invited.
import { Anchor, Button, PasswordInput, Stack, Text, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";

import { account } from "@/api/account";

import { EntrancePage } from "./EntrancePage";
import { useAttempt } from "./useAttempt";
import { useOpen } from "./useOpen";

export function SignUp() {
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const attempt = useAttempt();
  const open = useOpen();
  const navigate = useNavigate();
  const client = useQueryClient();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void attempt.run(async () => {
      await account("POST", "/auth/signup", { email: email.trim(), password });
      client.clear();
      await navigate({ to: "/welcome" });
    });
  };
  if (open.data?.account?.is_open_for_signup === false) {
    return (
      <EntrancePage title="You need an invitation" below={<Anchor component={Link} to="/login">Go to the log-in</Anchor>}>
        <Text size="sm">This instance has its first account already. Ask somebody who works here to invite you.</Text>
      </EntrancePage>
    );
  }
  return (
    <EntrancePage title="Make the first account" description="It runs this instance, and can invite everyone else." below={<>Have an account? <Anchor component={Link} to="/login" underline="always">Log in</Anchor></>}>
      <form onSubmit={submit}>
        <Stack>
          <TextInput label="Email" type="email" autoComplete="username" required value={email} onChange={(event) => setEmail(event.currentTarget.value)} error={attempt.field === "email" && attempt.refused} autoFocus />
          <PasswordInput label="Password" description="At least ten characters." autoComplete="new-password" required value={password} onChange={(event) => setPassword(event.currentTarget.value)} error={attempt.field === "password" && attempt.refused} />
          {attempt.refused && !["email", "password"].includes(attempt.field ?? "") && <Text size="sm" c="red" role="alert">{attempt.refused}</Text>}
          <Button type="submit" size="md" loading={attempt.busy}>Make the account</Button>
        </Stack>
      </form>
    </EntrancePage>
  );
}
