// Whether somebody wants email, and whether anything stops it: two separate facts.
import { Badge, Group, Tooltip } from "@mantine/core";

import { StatusBadge } from "@/ui/StatusBadge";

import { REASONS } from "./people";

export function ConsentBadges({ consent, suppressed }: { consent: string; suppressed: string[] }) {
  return (
    <Group gap={6} wrap="nowrap">
      <StatusBadge status={consent} />
      {suppressed.length > 0 && (
        <Tooltip label={suppressed.map((one) => REASONS[one] ?? one).join(". ")}>
          <Badge color="red" style={{ flexShrink: 0 }}>Suppressed</Badge>
        </Tooltip>
      )}
    </Group>
  );
}
