// Why: a short list of reasons, the most frequent first, each with its count.
import { Card, Group, Stack, Text, Title } from "@mantine/core";

import { count } from "@/ui/formats";

interface Props {
  title: string;
  /** What is counted. */
  unit: string;
  counts: Record<string, number>;
  called: (name: string) => string;
  none: string;
}

export function Reasons({ title, unit, counts, called, none }: Props) {
  const rows = Object.entries(counts).filter(([, one]) => one > 0).toSorted(([, one], [, other]) => other - one);
  return (
    <Card component="section" aria-label={title}>
      <Title order={2} fz="md">{title}</Title>
      <Text size="sm" c="dimmed" mb="sm">{unit}</Text>
      {rows.length === 0 && <Text size="sm">{none}</Text>}
      <Stack gap={6} component="ul" m={0} p={0} style={{ listStyle: "none" }}>
        {rows.map(([name, number]) => (
          <Group key={name} component="li" justify="space-between" wrap="nowrap" gap="md">
            <Text size="sm">{called(name)}</Text>
            <Text size="sm" className="numbers">{count(number)}</Text>
          </Group>
        ))}
      </Stack>
    </Card>
  );
}
