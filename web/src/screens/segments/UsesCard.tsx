// What uses the segment: flows, campaigns, other segments.
import { Anchor, Card, Group, Stack, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";

import { useInBrand } from "@/app/places";
import { StatusBadge } from "@/ui/StatusBadge";

import type { Segment } from "./State";
import { howUsed, kindOf, placeOf, useUses } from "./uses";

export function UsesCard({ segment }: { segment: Segment }) {
  const inBrand = useInBrand();
  const uses = useUses().get(segment.id) ?? [];
  return (
    <Card component="section" aria-label="Used by" p="md">
      <Text component="h2" fw={650} fz="md" mb={6}>Used by</Text>
      {uses.length === 0 && <Text size="sm" c="dimmed">No flow, campaign or segment uses it.</Text>}
      <Stack gap="xs">
        {uses.map((use) => (
          <Group key={`${use.kind} ${use.id} ${use.how}`} justify="space-between" wrap="nowrap" gap="xs" align="flex-start">
            <div style={{ minWidth: 0 }}>
              <Anchor component={Link} to={inBrand(placeOf(use))} size="sm" fw={550} style={{ overflowWrap: "anywhere" }}>{use.name}</Anchor>
              <Text size="xs" c="dimmed">{kindOf(use)}, {howUsed(use)}</Text>
            </div>
            {use.status && <StatusBadge status={use.status} />}
          </Group>
        ))}
      </Stack>
    </Card>
  );
}
