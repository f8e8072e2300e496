// The flows that run, those that earn most first.
import { Anchor, Card, Group, ScrollArea, Table, Text, Title } from "@mantine/core";
import { Link } from "@tanstack/react-router";

import { useInBrand } from "@/app/places";
import { count, money, rate } from "@/ui/formats";
import { StatusBadge } from "@/ui/StatusBadge";

import type { Overview } from "./buckets";
import classes from "./home.module.css";

const MOST = 8;

export function FlowsCard({ flows, currency, days }: { flows: Overview["flows"]; currency: string; days: number }) {
  const inBrand = useInBrand();
  return (
    <Card component="section" aria-label="Flows" className={classes.card}>
      <Group justify="space-between" mb="sm" align="flex-start">
        <div>
          <Title order={2} fz="md">Flows</Title>
          <Text size="sm" c="dimmed">Last {days} days; opens and clicks are of what was delivered</Text>
        </div>
        <Anchor component={Link} to={inBrand(flows.length > MOST ? "/insights/flows" : "/flows")} size="sm">{flows.length > MOST ? `All ${flows.length}` : "All flows"}</Anchor>
      </Group>
      {flows.length === 0 ? (
        <Text size="sm" c="dimmed" py="xs">No flow is live. <Anchor component={Link} to={inBrand("/flows/recipes")} inherit>Start from a recipe</Anchor>.</Text>
      ) : (
        <ScrollArea type="auto" offsetScrollbars="x">
          <Table miw={560} highlightOnHover>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Flow</Table.Th><Table.Th>Status</Table.Th><Table.Th ta="right">Sent</Table.Th><Table.Th w={130}>Opened</Table.Th><Table.Th ta="right">Clicked</Table.Th><Table.Th ta="right">Revenue</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>{flows.slice(0, MOST).map((flow) => <Line key={flow.slug} flow={flow} currency={currency} />)}</Table.Tbody>
          </Table>
        </ScrollArea>
      )}
    </Card>
  );
}

function Line({ flow, currency }: { flow: Overview["flows"][number]; currency: string }) {
  const inBrand = useInBrand();
  const opened = flow.rates.opened;
  return (
    <Table.Tr>
      <Table.Td miw={160}><Anchor component={Link} to={inBrand(`/flows/${flow.slug}`)} size="sm" fw={550} lineClamp={2}>{flow.name}</Anchor></Table.Td>
      <Table.Td miw={84}><StatusBadge status={flow.status} /></Table.Td>
      <Table.Td ta="right" className="numbers">{count(flow.sent)}</Table.Td>
      <Table.Td>
        {opened === null ? "–" : (
          <Group gap="xs" wrap="nowrap">
            <div className={classes.bar} style={{ width: 56 }} aria-hidden><div style={{ width: `${100 * opened}%` }} /></div>
            <Text size="sm" className="numbers">{rate(opened, 1, 0)}</Text>
          </Group>
        )}
      </Table.Td>
      <Table.Td ta="right" className="numbers">{flow.rates.clicked === null ? "–" : rate(flow.rates.clicked, 1)}</Table.Td>
      <Table.Td ta="right" className="numbers">{money(flow.revenue, currency)}</Table.Td>
    </Table.Tr>
  );
}
