// Accepting an invitation: with the account of that address, or by making one.
import { Anchor, Button, PasswordInput, Stack, Text, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { Link, useLocation, useNavigate, useParams } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";

import { api, ApiError, query } from "@/api/client";
import { words } from "@/ui/formats";
import { Failed, LoadingRows } from "@/ui/states";

import { EntrancePage } from "./EntrancePage";
import { useAttempt } from "./useAttempt";

export function Invitation() {
  const { token = "" } = useParams({ strict: false });
  const seen = query.useQuery("get", "/api/v1/invitations/by-link/{token}", { params: { path: { token } } });
  const me = query.useQuery("get", "/api/v1/me", {}, { retry: false });
  if (seen.isError) return <NotValid error={seen.error} retry={() => void seen.refetch()} />;
  if (!seen.data || me.isPending) return <EntrancePage title="This invitation"><LoadingRows rows={3} /></EntrancePage>;
  const { brand, email, role, invited_by, has_account } = seen.data;
  const description = <>{invited_by ?? "Somebody"} invites {email} to work in {brand} as {words(role).toLowerCase()}.</>;
  return (
    <EntrancePage title={`Join ${brand}`} description={description}>
      {me.data ? <Accept token={token} as={me.data.user.email} /> : has_account ? <ToLogIn /> : <MakeAccount token={token} email={email} />}
    </EntrancePage>
  );
}

/** A link that was cut off is refused before anybody looks for its invitation: 400. */
function NotValid({ error, retry }: { error: unknown; retry: () => void }) {
  const broken = error instanceof ApiError && error.status === 400;
  const below = <Anchor component={Link} to="/login">Go to the log-in</Anchor>;
  if (!broken) return <EntrancePage title="This invitation" below={below}><Failed error={error} retry={error instanceof ApiError && error.status < 500 ? undefined : retry} /></EntrancePage>;
  return (
    <EntrancePage title="This invitation is not valid" below={below}>
      <Text size="sm" role="alert">The link may have been cut off or changed on its way. Open it again from the email itself, or ask for a new invitation.</Text>
    </EntrancePage>
  );
}

function useEntered(): (slug: string) => Promise<void> {
  const client = useQueryClient();
  const navigate = useNavigate();
  return async (slug) => {
    client.clear();
    await navigate({ to: `/b/${slug}/home` });
  };
}

function Accept({ token, as }: { token: string; as: string }) {
  const attempt = useAttempt();
  const entered = useEntered();
  const accept = async () => {
    const { data } = await api.POST("/api/v1/invitations/by-link/{token}/accept", { params: { path: { token } } });
    if (data) await entered(data.slug);
  };
  return (
    <>
      <Text size="sm">You are logged in as {as}.</Text>
      {attempt.refused && <Text size="sm" c="red" role="alert">{attempt.refused}</Text>}
      <Button size="md" loading={attempt.busy} onClick={() => attempt.run(accept)}>Accept</Button>
    </>
  );
}

function ToLogIn() {
  const { pathname } = useLocation();
  return <Button size="md" component={Link} to="/login" search={{ next: pathname } as never}>Log in to accept</Button>;
}

function MakeAccount({ token, email }: { token: string; email: string }) {
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const attempt = useAttempt();
  const entered = useEntered();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void attempt.run(async () => {
      const { data } = await api.POST("/api/v1/invitations/by-link/{token}/sign-up", { params: { path: { token } }, body: { name, password } });
      if (data) await entered(data.slug);
    });
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <TextInput label="Email" value={email} readOnly autoComplete="username" />
        <TextInput label="Your name" autoComplete="name" value={name} onChange={(event) => setName(event.currentTarget.value)} autoFocus />
        <PasswordInput label="Password" description="At least ten characters." autoComplete="new-password" required value={password} onChange={(event) => setPassword(event.currentTarget.value)} error={attempt.field === "password" && attempt.refused} />
        {attempt.refused && attempt.field !== "password" && <Text size="sm" c="red" role="alert">{attempt.refused}</Text>}
        <Button type="submit" size="md" loading={attempt.busy}>Make my account and join</Button>
      </Stack>
    </form>
  );
}
