// What is kept of the brand, and the files that were made of it.
import { Card, SimpleGrid, Skeleton, Stack, Table, Text, Title } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";

import { type ApiError, query } from "@/api/client";
import type { components } from "@/api/schema";
import { count } from "@/ui/formats";
import { PageHeader } from "@/ui/PageHeader";
import { Failed } from "@/ui/states";

import { ExportsTable } from "./ExportsTable";
import classes from "./settings.module.css";

type Month = components["schemas"]["MonthOut"];

export function DataSettings() {
  const found = query.useQuery("get", "/api/v1/stored") as UseQueryResult<components["schemas"]["StoredOut"], ApiError>;
  return (
    <>
      <PageHeader title="Data" description="What is kept of this brand, in the database of this instance and nowhere else." />
      <Stack gap="xl">
        {found.error ? <Failed error={found.error} retry={() => void found.refetch()} /> : (
          <SimpleGrid cols={{ base: 1, sm: 3 }}>
            <Number label="Profiles" value={found.data?.profiles} />
            <Number label="Events" value={found.data?.events} />
            <Number label="Messages" value={found.data?.messages} note="Sent and skipped ones" />
          </SimpleGrid>
        )}
        <ExportsTable />
        {found.data && <Months events={found.data.events_by_month} messages={found.data.messages_by_month} />}
      </Stack>
    </>
  );
}

function Number({ label, value, note }: { label: string; value: number | undefined; note?: string }) {
  return (
    <Card padding="md">
      <Text size="sm" c="dimmed">{label}</Text>
      {value === undefined ? <Skeleton height={28} width={110} mt={6} /> : <Text fz={24} fw={650} className="numbers">{count(value)}</Text>}
      {note && <Text size="xs" c="dimmed">{note}</Text>}
    </Card>
  );
}

const monthName = new Intl.DateTimeFormat("en-GB", { month: "long", year: "numeric", timeZone: "UTC" });

function Months({ events, messages }: { events: Month[]; messages: Month[] }) {
  const months = [...new Set([...events, ...messages].map((one) => one.month))].toSorted().toReversed();
  const of = (all: Month[], month: string) => all.find((one) => one.month === month)?.count ?? 0;
  if (months.length === 0) return null;
  return (
    <section aria-label="By month">
      <Title order={2} fz="md">By month</Title>
      <Text size="sm" c="dimmed" mb="sm">Months are those of UTC. A message is kept with the month in which its flow was entered or its campaign scheduled.</Text>
      <Card padding={0} className={classes.wide}>
        <Table>
          <Table.Thead><Table.Tr><Table.Th>Month</Table.Th><Table.Th ta="right">Events</Table.Th><Table.Th ta="right">Messages</Table.Th></Table.Tr></Table.Thead>
          <Table.Tbody>
            {months.map((month) => (
              <Table.Tr key={month}>
                <Table.Td>{monthName.format(new Date(month))}</Table.Td>
                <Table.Td ta="right" className="numbers">{count(of(events, month))}</Table.Td>
                <Table.Td ta="right" className="numbers">{count(of(messages, month))}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Card>
    </section>
  );
}
