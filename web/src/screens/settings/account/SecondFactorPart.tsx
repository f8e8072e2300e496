// An authenticator app beside the password, and the recovery codes for when the phone is gone.
import { Badge, Button, Group, Text } from "@mantine/core";
import { useState } from "react";

import { account } from "@/api/account";
import { api } from "@/api/client";
import { tellDone } from "@/app/notices";
import { useMe } from "@/app/session";
import { ConfirmModal } from "@/ui/confirm";

import { Part } from "../SettingsPage";
import classes from "../settings.module.css";
import { AppSetup, type Secret } from "./AppSetup";
import { CodesLeft, NewCodes } from "./RecoveryCodes";
import { useChange } from "./useChange";

export function SecondFactorPart() {
  const { two_factor: factors } = useMe().user;
  const [secret, setSecret] = useState<Secret | null>(null);
  const [codes, setCodes] = useState<"seen" | "new" | null>(null);
  const [removing, setRemoving] = useState(false);
  const { busy, refused, run } = useChange();
  const begin = () => run(async () => setSecret((await api.POST("/api/v1/me/authenticator-app")).data ?? null));
  const remove = async () => {
    if (await run(() => account("DELETE", "/account/authenticators/totp"))) tellDone("The authenticator app is removed.");
  };
  return (
    <Part title="Second factor" words="With one, a password that got out is not enough to log in.">
      <div>
        <div className={classes.line}>
          <div>
            <Group gap="xs"><Text fw={550}>Authenticator app</Text><Badge color={factors.totp ? "green" : "gray"}>{factors.totp ? "On" : "Off"}</Badge></Group>
            <Text size="sm" c="dimmed">A code that changes every half minute.</Text>
          </div>
          {factors.totp ? <Button variant="default" onClick={() => setRemoving(true)}>Remove</Button> : <Button loading={busy} onClick={() => void begin()}>Set up</Button>}
        </div>
        {factors.recovery_codes && (
          <div className={classes.line}>
            <div>
              <Text fw={550}>Recovery codes</Text>
              <Text size="sm" c="dimmed">For when the phone is gone. Each works once.</Text>
            </div>
            <Group gap="xs">
              <Button variant="default" onClick={() => setCodes("seen")}>Show</Button>
              <Button variant="default" onClick={() => setCodes("new")}>Make new ones</Button>
            </Group>
          </div>
        )}
      </div>
      {refused && <Text size="sm" c="red" role="alert">{refused.detail}</Text>}
      <AppSetup secret={secret} onClose={() => setSecret(null)} onDone={() => { setSecret(null); setCodes("seen"); }} />
      {codes === "seen" && <CodesLeft onClose={() => setCodes(null)} />}
      {codes === "new" && <NewCodes onClose={() => setCodes(null)} />}
      <ConfirmModal opened={removing} onClose={() => setRemoving(false)} title="Remove the authenticator app?" action="Remove" danger onConfirm={async () => { setRemoving(false); await remove(); }}>
        From then on your password alone logs you in{factors.passkeys > 0 ? ", or a passkey" : ""}. The codes in the app stop working.
      </ConfirmModal>
    </Part>
  );
}
