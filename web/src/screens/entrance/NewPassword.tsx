// Setting a new password, from the link in an email.
import { Anchor, Button, PasswordInput, Stack, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";

import { account, Unfinished } from "@/api/account";
import { ApiError } from "@/api/client";

import { EntrancePage } from "./EntrancePage";
import { useAttempt } from "./useAttempt";

export function NewPassword() {
  const { key } = useParams({ strict: false });
  const [password, setPassword] = useState("");
  const attempt = useAttempt();
  const navigate = useNavigate();
  const client = useQueryClient();
  const set = async () => {
    try {
      await account("POST", "/auth/password/reset", { key, password });
    } catch (error) {
      // It is set; 401 only says that nobody is logged in by that.
      if (!(error instanceof Unfinished) && !(error instanceof ApiError && error.status === 401)) throw error;
    }
    client.clear();
    await navigate({ to: "/login" });
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void attempt.run(set);
  };
  return (
    <EntrancePage title="Set a new password" below={<Anchor component={Link} to="/forgot">Ask for a new link</Anchor>}>
      <form onSubmit={submit}>
        <Stack>
          <PasswordInput label="New password" description="At least ten characters." autoComplete="new-password" required value={password} onChange={(event) => setPassword(event.currentTarget.value)} autoFocus />
          {attempt.refused && <Text size="sm" c="red" role="alert">{attempt.refused}</Text>}
          <Button type="submit" size="md" loading={attempt.busy}>Set it</Button>
        </Stack>
      </form>
    </EntrancePage>
  );
}
