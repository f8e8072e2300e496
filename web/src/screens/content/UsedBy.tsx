// What sends an email: flows and campaigns, as a few words that open into links.
import { Anchor, Badge, Group, HoverCard, Stack, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";

import { useInBrand } from "@/app/places";
import { counted } from "@/ui/formats";
import { StatusBadge } from "@/ui/StatusBadge";

import type { Use } from "./email";

export function UsedBy({ uses }: { uses: Use[] }) {
  const inBrand = useInBrand();
  if (uses.length === 0) return null;
  return (
    <HoverCard shadow="md" width={300} withinPortal openDelay={150}>
      <HoverCard.Target>
        <Badge component="button" type="button" color="water" style={{ flexShrink: 0, border: 0 }} onClick={(event) => event.stopPropagation()}>{inWords(uses)}</Badge>
      </HoverCard.Target>
      <HoverCard.Dropdown onClick={(event) => event.stopPropagation()}>
        <Stack gap={6}>
          <Text size="xs" c="dimmed">What is saved here goes out with their next email.</Text>
          {uses.map((one) => (
            <Group key={`${one.kind} ${one.slug ?? one.id}`} gap="xs" wrap="nowrap" justify="space-between">
              <Anchor component={Link} to={inBrand(one.kind === "flow" ? `/flows/${one.slug}` : `/campaigns/${one.id}`)} size="sm" truncate>{one.name}</Anchor>
              <StatusBadge status={one.status} />
            </Group>
          ))}
        </Stack>
      </HoverCard.Dropdown>
    </HoverCard>
  );
}

/** "2 flows, 1 campaign" */
export function inWords(uses: Use[]): string {
  const flows = uses.filter((one) => one.kind === "flow").length;
  const campaigns = uses.length - flows;
  return [flows && counted(flows, "flow"), campaigns && counted(campaigns, "campaign")].filter(Boolean).join(", ");
}
