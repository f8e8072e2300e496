// Unsaved work that was found in this browser: that it is shown, and how to let it go.
import { Alert, Button, Group, Text } from "@mantine/core";
import { IconHistory } from "@tabler/icons-react";

export function FoundDraft({ at, onDiscard }: { at: string; onDiscard: () => void }) {
  const when = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" }).format(new Date(at));
  return (
    <Alert color="blue" icon={<IconHistory />} mb="md" py="xs">
      <Group justify="space-between">
        <Text size="sm">This is work that was not saved, from {when} on this computer’s clock.</Text>
        <Button size="compact-sm" variant="default" onClick={onDiscard}>Throw it away</Button>
      </Group>
    </Alert>
  );
}
