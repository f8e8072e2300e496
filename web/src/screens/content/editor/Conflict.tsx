// Somebody else saved while this was being written: nothing is lost, and the writer decides what counts.
import { Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { useState } from "react";

interface Props {
  opened: boolean;
  name: string;
  onClose: () => void;
  onSeeTheirs: () => void;
  onOverwrite: () => Promise<void>;
  onSaveAs: (name: string) => Promise<void>;
}

export function Conflict({ opened, name, onClose, onSeeTheirs, onOverwrite, onSaveAs }: Props) {
  const [busy, setBusy] = useState("");
  const [other, setOther] = useState(`${name} (mine)`);
  const [refused, setRefused] = useState("");
  const go = (what: string, act: () => Promise<void>) => async () => {
    setBusy(what);
    setRefused("");
    try {
      await act();
    } catch (error) {
      setRefused(error instanceof Error ? error.message : "It was not saved.");
    } finally {
      setBusy("");
    }
  };
  return (
    <Modal opened={opened} onClose={onClose} title="Somebody saved another version meanwhile" closeButtonProps={{ "aria-label": "Close" }}>
      <Stack>
        <Text size="sm">Nothing was overwritten, and what you wrote is kept here. Look at their version, then save yours over it (theirs stays among the versions) or as an email of its own.</Text>
        <Group grow>
          <Button variant="default" onClick={onSeeTheirs}>See the versions</Button>
          <Button loading={busy === "over"} onClick={go("over", onOverwrite)}>Save mine over it</Button>
        </Group>
        <Group align="flex-end" wrap="nowrap">
          <TextInput label="Or under another name" value={other} onChange={(event) => setOther(event.currentTarget.value)} style={{ flex: 1 }} />
          <Button variant="default" loading={busy === "as"} disabled={!other.trim()} onClick={go("as", () => onSaveAs(other.trim()))}>Save as new</Button>
        </Group>
        {refused && <Text size="sm" c="red" role="alert">{refused}</Text>}
      </Stack>
    </Modal>
  );
}
