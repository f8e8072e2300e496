// Confirming an address, from the link in an email. Opening the page changes nothing; the button does.
import { Button, Text } from "@mantine/core";
import { useNavigate, useParams } from "@tanstack/react-router";

import { account } from "@/api/account";
import { ApiError } from "@/api/client";

import { EntrancePage } from "./EntrancePage";
import { useAttempt } from "./useAttempt";

export function VerifyEmail() {
  const { key } = useParams({ strict: false });
  const attempt = useAttempt();
  const navigate = useNavigate();
  const confirm = async () => {
    try {
      await account("POST", "/auth/email/verify", { key });
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 401)) throw error; // confirmed, but not logged in
    }
    await navigate({ to: "/" });
  };
  return (
    <EntrancePage title="Confirm your email address" description="So that we know that account mail reaches you.">
      {attempt.refused && <Text size="sm" c="red" role="alert">{attempt.refused}</Text>}
      <Button size="md" loading={attempt.busy} onClick={() => attempt.run(confirm)}>Confirm</Button>
    </EntrancePage>
  );
}
