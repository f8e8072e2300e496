// What the person must know before going on: somebody else's change, work found in this browser, a save that failed.
import { Alert, Button, Group, Text } from "@mantine/core";
import { IconAlertTriangle, IconArchive, IconRestore } from "@tabler/icons-react";
import { useState } from "react";

import { tellRefused } from "@/app/notices";

import type { Editing } from "./saving";

export function Notices({ editing, status }: { editing: Editing; status: string }) {
  const { state, restored, move } = editing;
  const [busy, setBusy] = useState(false);
  const [read, setRead] = useState(false);
  const settle = async (mine: boolean) => {
    setBusy(true);
    await editing.settle(mine).catch(tellRefused);
    setBusy(false);
  };
  if (state.kind === "conflict") {
    return (
      <Alert color="orange" radius={0} icon={<IconAlertTriangle />} title="Somebody else has changed this flow meanwhile" role="alert">
        <Group justify="space-between">
          <Text size="sm">Your changes are kept in this browser and were not saved. Choose which stays.</Text>
          <Group gap="xs">
            <Button size="xs" variant="default" loading={busy} onClick={() => void settle(false)}>Take theirs, drop mine</Button>
            <Button size="xs" loading={busy} onClick={() => void settle(true)}>Save mine over theirs</Button>
          </Group>
        </Group>
      </Alert>
    );
  }
  if (status === "archived") return <Alert color="gray" radius={0} py="xs" icon={<IconArchive />}>This flow is archived. It can be read, but not changed.</Alert>;
  if (!restored || read) return null;
  return (
    <Alert color="blue" radius={0} py="xs" icon={<IconRestore />} withCloseButton closeButtonLabel="Close" onClose={() => setRead(true)}>
      <Group justify="space-between">
        <Text size="sm">Work that had not been saved was found in this browser. The flow goes on from there.</Text>
        <Button size="xs" variant="default" onClick={() => { move({ kind: "undo" }); setRead(true); }}>Go back to what was saved</Button>
      </Group>
    </Alert>
  );
}
