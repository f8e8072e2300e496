// What was not sent, and why: the product keeping its word, and sometimes a fault.
import { Card, Group, Stack, Text, Title } from "@mantine/core";

import { count, counted } from "@/ui/formats";

import type { Overview } from "./buckets";
import classes from "./home.module.css";

const MOST = 6;

export function SkippedCard({ skipped, days }: { skipped: Overview["skipped"]; days: number }) {
  const whole = skipped.reduce((total, one) => total + one.count, 0);
  const largest = skipped[0]?.count ?? 1;
  return (
    <Card component="section" aria-label="Not sent, and why" className={classes.card}>
      <Title order={2} fz="md">Not sent, and why</Title>
      <Text size="sm" c="dimmed" mb="md">{whole === 0 ? `Every email of the last ${days} days went.` : `${counted(whole, "email")} in the last ${days} days`}</Text>
      <Stack gap="sm">
        {skipped.slice(0, MOST).map((one) => (
          <div key={one.reason}>
            <Group justify="space-between" wrap="nowrap" gap="xs" mb={4}>
              <Text size="sm" lineClamp={2}>{one.words}</Text>
              <Text size="sm" fw={550} className="numbers">{count(one.count)}</Text>
            </Group>
            <div className={classes.bar} aria-hidden><div style={{ width: `${(100 * one.count) / largest}%` }} /></div>
          </div>
        ))}
        {skipped.length > MOST && <Text size="sm" c="dimmed">and {counted(skipped.length - MOST, "other reason")}</Text>}
      </Stack>
    </Card>
  );
}
