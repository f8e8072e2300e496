// Setting up an authenticator app: scan the secret, then show that it works by a first code.
import { Alert, Button, Group, List, Modal, Skeleton, Stack, Text, TextInput } from "@mantine/core";
import { type FormEvent, useEffect, useState } from "react";

import { account } from "@/api/account";
import { api, ApiError } from "@/api/client";
import type { components } from "@/api/schema";
import { tellDone } from "@/app/notices";

import classes from "../settings.module.css";
import { useChange } from "./useChange";

type Secret = components["schemas"]["AppSecret"];

interface Props {
  opened: boolean;
  onClose: () => void;
  onDone: () => void;
}

export function AppSetup({ opened, onClose, onDone }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title="Set up an authenticator app" size="lg" closeButtonProps={{ "aria-label": "Close" }}>
      {opened && <Steps onClose={onClose} onDone={onDone} />}
    </Modal>
  );
}

function Steps({ onClose, onDone }: Omit<Props, "opened">) {
  const [secret, setSecret] = useState<Secret | null>(null);
  const [failed, setFailed] = useState<string | null>(null);
  const [code, setCode] = useState("");
  const { busy, refused, run } = useChange();
  useEffect(() => {
    let wanted = true;
    api.POST("/api/v1/me/authenticator-app").then(
      ({ data }) => wanted && setSecret(data ?? null),
      (error: unknown) => wanted && setFailed(error instanceof ApiError ? error.detail : "The secret could not be made."),
    );
    return () => {
      wanted = false;
    };
  }, []);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (await run(() => account("POST", "/account/authenticators/totp", { code: code.replaceAll(" ", "") }))) {
      tellDone("The authenticator app is set up.");
      onDone();
    }
  };
  if (failed) return <Alert color="red" title="This did not work">{failed}</Alert>;
  return (
    <form onSubmit={submit}>
      <Stack>
        <Group align="flex-start" gap="lg">
          {secret ? <img className={classes.qr} src={picture(secret.svg)} alt="QR code of the secret; the text beside it is the same" /> : <Skeleton width={184} height={184} />}
          <List type="ordered" size="sm" spacing="sm" maw={300}>
            <List.Item>Scan the picture with an authenticator app.</List.Item>
            <List.Item>No camera? Type this in the app:<Text className={classes.secret} mt={4} fw={550}>{secret ? secret.secret.replace(/(.{4})/g, "$1 ").trim() : "…"}</Text></List.Item>
            <List.Item>Give the code that the app shows.</List.Item>
          </List>
        </Group>
        <TextInput label="Code" inputMode="numeric" autoComplete="one-time-code" required maxLength={9} value={code} error={refused?.detail} onChange={(event) => setCode(event.currentTarget.value)} w={180} data-autofocus />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>Not now</Button>
          <Button type="submit" loading={busy} disabled={!secret || code.replaceAll(" ", "").length < 6}>Set up</Button>
        </Group>
      </Stack>
    </form>
  );
}

/** As an image it can run nothing, whatever it holds. */
const picture = (svg: string): string => `data:image/svg+xml,${encodeURIComponent(svg)}`;
