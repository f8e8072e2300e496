// Passkeys: logging in with a fingerprint, a face or a key instead of a password.
import { ActionIcon, Alert, Button, Group, Skeleton, Text, TextInput } from "@mantine/core";
import { IconFingerprint, IconTrash } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";

import { account } from "@/api/account";
import { addPasskey, passkeysWork } from "@/api/passkeys";
import { tellDone } from "@/app/notices";
import { ConfirmModal } from "@/ui/confirm";

import { Part } from "../SettingsPage";
import classes from "../settings.module.css";
import { dayOf } from "./dayOf";
import { useChange } from "./useChange";

interface Authenticator {
  type: string;
  id?: number;
  name?: string;
  created_at: number;
  last_used_at: number | null;
}

export function PasskeysPart() {
  const found = useQuery({ queryKey: ["account", "authenticators"], queryFn: async () => (await account<Authenticator[]>("GET", "/account/authenticators")).data });
  const passkeys = found.data?.filter((one) => one.type === "webauthn");
  const [name, setName] = useState("");
  const [gone, setGone] = useState<Authenticator | null>(null);
  const { busy, refused, run } = useChange();
  const add = async (event: FormEvent) => {
    event.preventDefault();
    if (await run(() => addPasskey(name.trim()))) {
      setName("");
      tellDone("The passkey is added.");
    }
  };
  const remove = async (one: Authenticator) => {
    if (await run(() => account("DELETE", "/account/authenticators/webauthn", { authenticators: [one.id] }))) tellDone("The passkey is removed.");
  };
  return (
    <Part title="Passkeys" words="Log in with a fingerprint, a face, or a security key. They work for this address only.">
      {found.error && <Alert color="red" title="They could not be shown">Reload the page to try again.</Alert>}
      {found.isPending && <Skeleton height={44} />}
      {passkeys && passkeys.length > 0 && (
        <div>
          {passkeys.map((one) => (
            <div key={one.id} className={classes.line}>
              <Group gap="sm" wrap="nowrap">
                <IconFingerprint size={22} stroke={1.6} aria-hidden />
                <div>
                  <Text size="sm" fw={550} style={{ overflowWrap: "anywhere" }}>{one.name}</Text>
                  <Text size="xs" c="dimmed">Added {dayOf(one.created_at)}{one.last_used_at ? `, used ${dayOf(one.last_used_at)}` : ", not used yet"}</Text>
                </div>
              </Group>
              <ActionIcon aria-label={`Remove the passkey ${one.name}`} onClick={() => setGone(one)}><IconTrash size={18} /></ActionIcon>
            </div>
          ))}
        </div>
      )}
      {passkeysWork() ? (
        <form onSubmit={add}>
          <Group align="flex-end" gap="sm">
            <TextInput label="Name of a new passkey" placeholder="My laptop" required maxLength={100} value={name} onChange={(event) => setName(event.currentTarget.value)} style={{ flex: 1, minWidth: 180 }} />
            <Button type="submit" variant="default" loading={busy} disabled={!name.trim()}>Add a passkey</Button>
          </Group>
          {refused && <Text size="sm" c="red" role="alert" mt="xs">{refused.detail}</Text>}
        </form>
      ) : <Text size="sm" c="dimmed">This browser cannot make passkeys.</Text>}
      <ConfirmModal opened={gone !== null} onClose={() => setGone(null)} title={`Remove “${gone?.name}”?`} action="Remove" danger onConfirm={async () => { const one = gone!; setGone(null); await remove(one); }}>
        It no longer logs you in. Your device may still offer it; remove it there, too.
      </ConfirmModal>
    </Part>
  );
}
