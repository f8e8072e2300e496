// Asking for a link that sets a new password.
import { Anchor, Button, Stack, Text, TextInput } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";

import { account } from "@/api/account";

import { EntrancePage } from "./EntrancePage";
import { useAttempt } from "./useAttempt";

export function ForgotPassword() {
  const [email, setEmail] = useState("");
  const [sent, setSent] = useState(false);
  const attempt = useAttempt();
  const back = <Anchor component={Link} to="/login">Back to the log-in</Anchor>;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void attempt.run(async () => {
      await account("POST", "/auth/password/request", { email: email.trim() });
      setSent(true);
    });
  };
  if (sent) {
    return (
      <EntrancePage title="Look into your mailbox" below={back}>
        <Text size="sm">If {email.trim()} has an account here, an email with a link is on its way. The link sets a new password.</Text>
      </EntrancePage>
    );
  }
  return (
    <EntrancePage title="Forgot your password?" description="We send you a link that sets a new one." below={back}>
      <form onSubmit={submit}>
        <Stack>
          <TextInput label="Email" type="email" autoComplete="username" required value={email} onChange={(event) => setEmail(event.currentTarget.value)} autoFocus />
          {attempt.refused && <Text size="sm" c="red" role="alert">{attempt.refused}</Text>}
          <Button type="submit" size="md" loading={attempt.busy}>Send the link</Button>
        </Stack>
      </form>
    </EntrancePage>
  );
}
