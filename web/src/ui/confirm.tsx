// Asks before what reaches far or cannot be undone: what exactly will happen, to how many.
import { Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { type ReactNode, useState } from "react";

import { useFocusBack } from "./useFocusBack";

interface Question {
  title: string;
  /** What will happen, to how many people, and what can be undone. */
  children: ReactNode;
  /** The verb of the button: "Pause flow". */
  action: string;
  danger?: boolean;
  /** What must be typed first, for what cannot be undone. */
  typed?: string;
  /** It cannot be done now; what is said tells why. */
  blocked?: boolean;
}

interface Props extends Question {
  opened: boolean;
  onClose: () => void;
  /** Closes when it has gone well; a refusal is shown and leaves the question open. */
  onConfirm: () => Promise<unknown>;
}

export function ConfirmModal({ opened, onClose, onConfirm, title, children, action, danger, typed, blocked }: Props) {
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState("");
  const [given, setGiven] = useState("");
  useFocusBack(opened);
  const go = async () => {
    setBusy(true);
    setRefused("");
    try {
      await onConfirm();
      setGiven("");
      onClose();
    } catch (error) {
      setRefused(error instanceof Error ? error.message : "It did not work. Nothing was changed.");
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal opened={opened} onClose={onClose} title={title} closeButtonProps={{ "aria-label": "Close" }}>
      <Stack>
        <Text size="sm" component="div">{children}</Text>
        {typed && <TextInput label={`Type ${typed} to go on`} value={given} onChange={(event) => setGiven(event.currentTarget.value)} data-autofocus />}
        {refused && <Text size="sm" c="red" role="alert">{refused}</Text>}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>{blocked ? "Close" : "Not now"}</Button>
          {!blocked && <Button color={danger ? "red.8" : undefined} loading={busy} disabled={!!typed && given.trim() !== typed} onClick={go}>{action}</Button>}
        </Group>
      </Stack>
    </Modal>
  );
}
