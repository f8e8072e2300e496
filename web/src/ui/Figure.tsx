// One number with what it counts, and the share that it is of something.
import { Stack, Text } from "@mantine/core";

import { rate } from "./formats";

/** "92.1 % of sent"; nothing while there is nothing to have a share of. */
export function shareOf(part: number, of: number, what: string): string | undefined {
  return of > 0 ? `${rate(part, of)} of ${what}` : undefined;
}

export function Figure({ label, value, note }: { label: string; value: string; note?: string }) {
  return (
    <Stack gap={0}>
      <Text size="sm" c="dimmed">{label}</Text>
      <Text fz={22} fw={650} lh={1.3} className="numbers">{value}</Text>
      {note && <Text size="xs" c="dimmed" className="numbers">{note}</Text>}
    </Stack>
  );
}
