// The columns of providers and of domains.
import { Group, Text } from "@mantine/core";

import type { components } from "@/api/schema";
import type { Column } from "@/ui/DataTable";
import { count, rate } from "@/ui/formats";

import classes from "./insights.module.css";
import { share } from "./ReportTable";
import type { Sortable } from "./sorting";

export type Part = components["schemas"]["PartOut"];

export const READ: Record<string, (part: Part) => Sortable> = {
  name: (part) => part.name,
  sent: (part) => part.sent,
  delivered: (part) => part.delivery_rate,
  bounced: (part) => part.rates.bounced,
  complained: (part) => part.rates.complained,
  opened: (part) => part.rates.opened,
  clicked: (part) => part.rates.clicked,
};

/** `whole`: all that was sent, for each part's share of it. */
export function partColumns(name: string, whole: number): Column<Part>[] {
  return [
    {
      key: "name", title: name, sort: "name",
      render: (part) => (
        <div style={{ overflowWrap: "anywhere" }}>
          <Text size="sm" fw={550}>{part.name}</Text>
          {part.provider !== part.name && <Text size="xs" c="dimmed">{part.provider}</Text>}
        </div>
      ),
    },
    { key: "sent", title: "Sent", sort: "sent", align: "right", render: (part) => count(part.sent) },
    {
      key: "share", title: "Of all sent", wide: true, width: 150,
      render: (part) => (
        <Group gap="xs" wrap="nowrap">
          <div className={classes.share} aria-hidden><div style={{ width: `${whole > 0 ? (100 * part.sent) / whole : 0}%` }} /></div>
          <Text size="sm" className="numbers">{rate(part.sent, whole, 0)}</Text>
        </Group>
      ),
    },
    { key: "delivered", title: "Delivered", sort: "delivered", align: "right", render: (part) => share(part.delivery_rate, part.delivered) },
    { key: "bounced", title: "Bounced", sort: "bounced", align: "right", render: (part) => share(part.rates.bounced, part.bounced, 2) },
    { key: "complained", title: "Spam", sort: "complained", align: "right", render: (part) => share(part.rates.complained, part.complained, 2) },
    { key: "opened", title: "Opened", sort: "opened", align: "right", render: (part) => share(part.rates.opened, part.opened) },
    { key: "clicked", title: "Clicked", sort: "clicked", align: "right", render: (part) => share(part.rates.clicked, part.clicked), wide: true },
  ];
}
