// Logging in: a password or a passkey, then a second factor where the account has one.
import { Anchor, Button, Divider, PasswordInput, PinInput, Stack, Text, TextInput } from "@mantine/core";
import { IconFingerprint } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";

import { account, logIn, Unfinished } from "@/api/account";
import { logInWithPasskey, passkeysWork, proveWithPasskey } from "@/api/passkeys";

import { EntrancePage } from "./EntrancePage";
import { useAttempt } from "./useAttempt";
import { useOpen } from "./useOpen";

export function LogIn() {
  const [factors, setFactors] = useState<string[] | null>(null);
  const enter = useEnter();
  /** On with the log-in: into the app, or to the second factor. */
  const go = async (attempt: () => Promise<unknown>) => {
    try {
      await attempt();
      await enter();
    } catch (error) {
      if (!(error instanceof Unfinished)) throw error;
      setFactors(error.pending.find((flow) => flow.id === "mfa_authenticate")?.types ?? ["totp"]);
    }
  };
  return factors ? <SecondFactor factors={factors} go={go} /> : <FirstFactor go={go} />;
}

type Go = (attempt: () => Promise<unknown>) => Promise<void>;

function useEnter(): () => Promise<void> {
  const navigate = useNavigate();
  const client = useQueryClient();
  const { next } = useSearch({ strict: false }) as { next?: string };
  return async () => {
    client.clear();
    // Only a path of our own: a link must not lead through the log-in to somewhere else.
    await navigate({ to: next?.startsWith("/") && !next.startsWith("//") ? next : "/", replace: true });
  };
}

function FirstFactor({ go }: { go: Go }) {
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const attempt = useAttempt();
  const open = useOpen();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void attempt.run(() => go(() => logIn(email.trim(), password)));
  };
  return (
    <EntrancePage title="Log in" below={open.data?.account?.is_open_for_signup && <>Nobody has an account yet. <Anchor component={Link} to="/signup" underline="always">Make the first one</Anchor></>}>
      <form onSubmit={submit}>
        <Stack>
          <TextInput label="Email" type="email" autoComplete="username" required value={email} onChange={(event) => setEmail(event.currentTarget.value)} autoFocus />
          <Stack gap={4}>
            <PasswordInput label="Password" autoComplete="current-password" required value={password} onChange={(event) => setPassword(event.currentTarget.value)} />
            <Anchor component={Link} to="/forgot" size="sm" style={{ alignSelf: "flex-end" }}>Forgot it?</Anchor>
          </Stack>
          {attempt.refused && <Text size="sm" c="red" role="alert">{attempt.refused}</Text>}
          <Button type="submit" size="md" loading={attempt.busy}>Log in</Button>
        </Stack>
      </form>
      {passkeysWork() && (
        <>
          <Divider label="or" />
          <Button variant="default" size="md" leftSection={<IconFingerprint size={18} aria-hidden />} onClick={() => attempt.run(() => go(logInWithPasskey))}>Use a passkey</Button>
        </>
      )}
    </EntrancePage>
  );
}

function SecondFactor({ factors, go }: { factors: string[]; go: Go }) {
  const [recovering, setRecovering] = useState(false);
  const [code, setCode] = useState("");
  const attempt = useAttempt();
  const send = (given: string) => attempt.run(() => go(() => account("POST", "/auth/2fa/authenticate", { code: given.trim() })));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void send(code);
  };
  return (
    <EntrancePage title="One more step" description={recovering ? "Type one of your recovery codes. Each works once." : "Type the six digits that your authenticator app shows."}>
      <form onSubmit={submit}>
        <Stack>
          {recovering ? (
            <TextInput label="Recovery code" value={code} onChange={(event) => setCode(event.currentTarget.value)} autoComplete="one-time-code" autoFocus />
          ) : (
            <PinInput length={6} type="number" oneTimeCode size="lg" value={code} onChange={setCode} onComplete={send} autoFocus aria-label="Code" getInputProps={(index) => ({ "aria-label": `Digit ${index + 1} of 6` })} />
          )}
          {attempt.refused && <Text size="sm" c="red" role="alert">{attempt.refused}</Text>}
          <Button type="submit" size="md" loading={attempt.busy}>Log in</Button>
        </Stack>
      </form>
      {factors.includes("webauthn") && passkeysWork() && (
        <Button variant="default" leftSection={<IconFingerprint size={18} aria-hidden />} onClick={() => attempt.run(() => go(proveWithPasskey))}>Use a passkey</Button>
      )}
      {factors.includes("recovery_codes") && (
        <Anchor component="button" type="button" size="sm" onClick={() => { setRecovering(!recovering); setCode(""); }}>
          {recovering ? "Use the authenticator app" : "Use a recovery code"}
        </Anchor>
      )}
    </EntrancePage>
  );
}
