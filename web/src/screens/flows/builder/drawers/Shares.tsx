// Whether shares make up the whole, and a way to make them equal.
import { Button, Group, Text } from "@mantine/core";

import { useBuilder } from "../builder";
import { evenShares } from "../fresh";

export function Shares({ shares, even, error }: { shares: number[]; even: (shares: number[]) => void; error?: string }) {
  const { editable } = useBuilder();
  const sum = Math.round(100 * shares.reduce((total, share) => total + share, 0)) / 100;
  const off = sum !== 100;
  return (
    <Group justify="space-between">
      <Text size="sm" c={off || error ? "var(--mantine-color-red-light-color)" : "dimmed"} role={off ? "alert" : undefined}>{off ? `Together ${sum} %, not 100 %.` : (error ?? "Together 100 %.")}</Text>
      {editable && <Button size="compact-sm" variant="subtle" onClick={() => even(evenShares(shares.length))}>Make them equal</Button>}
    </Group>
  );
}
