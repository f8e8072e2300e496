// Campaigns on their way: being sent, and scheduled next.
import { Anchor, Card, Group, Stack, Text, Title } from "@mantine/core";
import { Link } from "@tanstack/react-router";

import { useInBrand } from "@/app/places";
import { Moment } from "@/ui/Moment";
import { StatusBadge } from "@/ui/StatusBadge";
import { useTimes } from "@/ui/times";

import type { Overview } from "./buckets";
import classes from "./home.module.css";

export function ComingCard({ campaigns }: { campaigns: Overview["scheduled"] }) {
  const inBrand = useInBrand();
  const { zone } = useTimes();
  return (
    <Card component="section" aria-label="Coming up" className={classes.card}>
      <Group justify="space-between" mb="xs">
        <Title order={2} fz="md">Coming up</Title>
        <Anchor component={Link} to={inBrand("/campaigns/calendar")} size="sm">Calendar</Anchor>
      </Group>
      {campaigns.length === 0 && <Text size="sm" c="dimmed" py="xs">No campaign is scheduled. <Anchor component={Link} to={inBrand("/campaigns/new")} inherit>Plan one</Anchor>.</Text>}
      <Stack gap={0}>
        {campaigns.map((one) => (
          <Link key={one.id} to={inBrand(`/campaigns/${one.id}`)} className={classes.row}>
            <div style={{ minWidth: 0, flex: 1 }}>
              <Text size="sm" fw={550} lineClamp={2}>{one.name}</Text>
              <Text size="xs" c="dimmed"><Moment at={one.send_at} /> ({zone})</Text>
            </div>
            {one.status !== "scheduled" && <StatusBadge status={one.status} />}
          </Link>
        ))}
      </Stack>
    </Card>
  );
}
