// How mail arrives: the rates that mailbox providers judge a sender by, against where they begin to worry.
import { Anchor, Card, Group, Stack, Text, Title } from "@mantine/core";
import { Link } from "@tanstack/react-router";

import { useInBrand } from "@/app/places";
import { rate } from "@/ui/formats";

import type { Overview } from "./buckets";
import { Delta } from "./Delta";
import classes from "./home.module.css";

type Totals = Overview["now"];
interface Measure {
  label: string;
  of: string;
  digits: number;
  read: (totals: Totals) => number | null;
  /** From here on it is too much. */
  limit: number;
}

const MEASURES: Measure[] = [
  { label: "Bounced", of: "of sent", digits: 1, read: (totals) => totals.rates.bounced, limit: 0.05 },
  { label: "Marked as spam", of: "of delivered", digits: 2, read: (totals) => totals.rates.complained, limit: 0.003 },
  { label: "Unsubscribed", of: "of delivered", digits: 2, read: (totals) => totals.rates.unsubscribed, limit: 0.01 },
];

export function HealthCard({ now, before }: { now: Totals; before: Totals }) {
  const inBrand = useInBrand();
  return (
    <Card component="section" aria-label="Deliverability" className={classes.card}>
      <Group justify="space-between" mb="md">
        <Title order={2} fz="md">Deliverability</Title>
        <Anchor component={Link} to={inBrand("/insights/deliverability")} size="sm">By provider</Anchor>
      </Group>
      <Stack gap="md">{MEASURES.map((one) => <Line key={one.label} measure={one} now={now} before={before} />)}</Stack>
    </Card>
  );
}

function Line({ measure, now, before }: { measure: Measure; now: Totals; before: Totals }) {
  const value = measure.read(now);
  const was = measure.read(before);
  const limit = `${rate(measure.limit, 1, measure.digits)} is too much`;
  if (value === null) return <Group justify="space-between"><Text size="sm">{measure.label}</Text><Text size="sm" c="dimmed">Nothing sent</Text></Group>;
  const over = value >= measure.limit;
  return (
    <div>
      <Group justify="space-between" wrap="nowrap" gap="xs">
        <Text size="sm" fw={500}>{measure.label}</Text>
        {was !== null && <Delta now={value} before={was} was={rate(was, 1, measure.digits)} reversed points />}
      </Group>
      <Text size="sm" my={4}><Text span fw={650} fz="lg" className="numbers" c={over ? "red" : undefined}>{rate(value, 1, measure.digits)}</Text> <Text span inherit c="dimmed">{measure.of}; {limit}</Text></Text>
      <div className={classes.bar} aria-hidden><div data-over={over || undefined} style={{ width: `${Math.min(100, (100 * value) / measure.limit)}%` }} /></div>
    </div>
  );
}
