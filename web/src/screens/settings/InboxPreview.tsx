// The sender as an inbox shows it.
import { Avatar, Group, Paper, Text } from "@mantine/core";

export function InboxPreview({ name, address }: { name: string; address: string }) {
  const shown = name || address || "Nobody yet";
  return (
    <figure style={{ margin: 0 }}>
      <Text component="figcaption" size="sm" fw={500} mb={6}>In the inbox</Text>
      <Paper withBorder p="sm">
        <Group wrap="nowrap" gap="sm">
          <Avatar color="water" radius="xl" aria-hidden>{shown.slice(0, 1).toUpperCase()}</Avatar>
          <div style={{ minWidth: 0 }}>
            <Text size="sm" fw={650} truncate>{shown}</Text>
            <Text size="xs" c="dimmed" truncate>{address ? `<${address}>` : "There is no sender address: nothing can be sent."}</Text>
          </div>
        </Group>
      </Paper>
    </figure>
  );
}
