// The four numbers that say how the brand does, each with its change and its shape.
import { Card, Group, SimpleGrid, Text } from "@mantine/core";
import type { ReactNode } from "react";

import { compact, count, money, rate } from "@/ui/formats";
import { Sparkline } from "@/ui/Sparkline";

import { buckets, type Overview } from "./buckets";
import { Delta } from "./Delta";
import classes from "./home.module.css";

export function KeyFigures({ overview }: { overview: Overview }) {
  const { now, before, currency, subscribers } = overview;
  const points = buckets(overview.days);
  const start = subscribers - now.new_subscribers + now.lost_subscribers;
  return (
    <SimpleGrid cols={{ base: 1, xs: 2, lg: 4 }} spacing="md">
      <Figure
        label="Attributed revenue"
        value={money(now.revenue, currency)}
        note={now.orders > 0 ? `${count(now.orders)} orders, ${money(now.revenue / now.orders, currency)} each` : "Orders within 5 days of an open or a click"}
        delta={<Delta now={now.revenue} before={before.revenue} was={money(before.revenue, currency)} />}
        shape={points.map((one) => one.flows + one.campaigns)}
      />
      <Figure
        label="Emails sent"
        value={compact(now.sent)}
        note={`${rate(now.delivered, now.sent)} of them delivered`}
        delta={<Delta now={now.sent} before={before.sent} was={count(before.sent)} />}
        shape={points.map((one) => one.sent)}
      />
      <Figure
        label="Engaged people"
        value={compact(now.engaged)}
        note={`${rate(now.opened, now.delivered)} of emails opened, ${rate(now.clicked, now.delivered)} clicked`}
        delta={<Delta now={now.engaged} before={before.engaged} was={count(before.engaged)} />}
        shape={points.map((one) => one.opened)}
      />
      <Figure
        label="Subscribers"
        value={compact(subscribers)}
        note={`${count(now.new_subscribers)} joined, ${count(now.lost_subscribers)} left`}
        delta={<Delta now={subscribers} before={start} was={count(start)} />}
        shape={running(start, points.map((one) => one.joined - one.left))}
      />
    </SimpleGrid>
  );
}

function running(start: number, changes: number[]): number[] {
  let at = start;
  return changes.map((one) => (at += one));
}

function Figure({ label, value, note, delta, shape }: { label: string; value: string; note: string; delta: ReactNode; shape: number[] }) {
  return (
    <Card component="section" aria-label={label} padding="md" className={classes.figure}>
      <Group justify="space-between" wrap="nowrap" gap="xs">
        <Text size="sm" fw={500} c="dimmed" truncate>{label}</Text>
        {delta}
      </Group>
      <Text fz={28} fw={680} lh={1.3} className="numbers" mt={2}>{value}</Text>
      <Text size="xs" c="dimmed">{note}</Text>
      <div style={{ flex: 1 }} />
      <Sparkline values={shape} className={classes.spark} />
    </Card>
  );
}
