// What sends an email or once did: flows and campaigns, as a few words that open into links.
import { Anchor, Badge, Group, HoverCard, Stack, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";

import { useInBrand } from "@/app/places";
import { count } from "@/ui/formats";
import { StatusBadge } from "@/ui/StatusBadge";

import type { Use } from "./email";
import { inWords, isOver } from "./uses";

/** So many are listed; the rest is a number. */
const MOST = 8;

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
          <Text size="xs" c="dimmed">{uses.every(isOver) ? "They are over: what is saved here changes nothing that was sent." : "What is saved here goes out with the next email of a flow. A campaign keeps what it was scheduled with."}</Text>
          {uses.slice(0, MOST).map((one) => (
            <Group key={`${one.kind} ${one.slug ?? one.id}`} gap="xs" wrap="nowrap" justify="space-between">
              <Anchor component={Link} to={inBrand(one.kind === "flow" ? `/flows/${one.slug}` : `/campaigns/${one.id}`)} size="sm" truncate>{one.name}</Anchor>
              <StatusBadge status={one.status} />
            </Group>
          ))}
          {uses.length > MOST && <Text size="xs" c="dimmed">and {count(uses.length - MOST)} more</Text>}
        </Stack>
      </HoverCard.Dropdown>
    </HoverCard>
  );
}
