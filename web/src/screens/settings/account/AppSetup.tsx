// Setting up an authenticator app: scan the secret, then show that it works by a first code.
import { Button, Group, List, Modal, Stack, Text, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";

import { account } from "@/api/account";
import type { components } from "@/api/schema";
import { tellDone } from "@/app/notices";

import classes from "../settings.module.css";
import { useChange } from "./useChange";

export type Secret = components["schemas"]["AppSecret"];

interface Props {
  /** Made when the person asked for it; null: they have not. */
  secret: Secret | null;
  onClose: () => void;
  onDone: () => void;
}

export function AppSetup({ secret, onClose, onDone }: Props) {
  return (
    <Modal opened={secret !== null} onClose={onClose} title="Set up an authenticator app" size="lg" closeButtonProps={{ "aria-label": "Close" }}>
      {secret && <Steps secret={secret} onClose={onClose} onDone={onDone} />}
    </Modal>
  );
}

function Steps({ secret, onClose, onDone }: Props & { secret: Secret }) {
  const [code, setCode] = useState("");
  const { busy, refused, run } = useChange();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (await run(() => account("POST", "/account/authenticators/totp", { code: code.replaceAll(" ", "") }))) {
      tellDone("The authenticator app is set up.");
      onDone();
    }
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <Group align="flex-start" gap="lg">
          <img className={classes.qr} src={picture(secret.svg)} alt="QR code of the secret; the text beside it is the same" />
          <List type="ordered" size="sm" spacing="sm" maw={300}>
            <List.Item>Scan the picture with an authenticator app.</List.Item>
            <List.Item>No camera? Type this in the app:<Text className={classes.secret} mt={4} fw={550}>{secret.secret.replace(/(.{4})/g, "$1 ").trim()}</Text></List.Item>
            <List.Item>Give the code that the app shows.</List.Item>
          </List>
        </Group>
        <TextInput label="Code" inputMode="numeric" autoComplete="one-time-code" required maxLength={9} value={code} error={refused?.detail} onChange={(event) => setCode(event.currentTarget.value)} w={180} data-autofocus />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>Not now</Button>
          <Button type="submit" loading={busy} disabled={code.replaceAll(" ", "").length < 6}>Set up</Button>
        </Group>
      </Stack>
    </form>
  );
}

/** As an image it can run nothing, whatever it holds. */
const picture = (svg: string): string => `data:image/svg+xml,${encodeURIComponent(svg)}`;
