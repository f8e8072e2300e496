// One number with what it counts, and the share that it is of something.
import { Stack, Text } from "@mantine/core";

export function Figure({ label, value, note }: { label: string; value: string; note?: string }) {
  return (
    <Stack gap={0}>
      <Text size="sm" c="dimmed">{label}</Text>
      <Text fz={22} fw={650} lh={1.3} className="numbers">{value}</Text>
      {note && <Text size="xs" c="dimmed" className="numbers">{note}</Text>}
    </Stack>
  );
}
