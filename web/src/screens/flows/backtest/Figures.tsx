// The numbers of a backtest side by side: one column for each version, and by how much they differ.
import { Paper, Table, Text } from "@mantine/core";

import { useBrand } from "@/app/session";
import { count, money } from "@/ui/formats";

import { type Report, sum } from "./report";

interface Row {
  label: string;
  of: (report: Report) => number;
  money?: boolean;
  hint?: string;
}

const ROWS: Row[] = [
  { label: "People with what starts it", of: (one) => one.people },
  { label: "Came in", of: (one) => one.entries, hint: "Runs; a person may come in more than once." },
  { label: "People who came in", of: (one) => one.people_entered },
  { label: "Events that let nobody in", of: (one) => sum(one.refused) },
  { label: "Emails sent", of: (one) => one.sent },
  { label: "Emails skipped", of: (one) => sum(one.skipped) },
  { label: "Kept back by smart sending and caps", of: (one) => sum(one.capped) },
  { label: "Went through to the end", of: (one) => one.completed },
  { label: "Left early", of: (one) => sum(one.left) },
  { label: "Still inside at the end", of: (one) => one.waiting },
  { label: "Ordered within five days of coming in", of: (one) => one.stake.runs_with_order },
  { label: "Orders of theirs", of: (one) => one.stake.order_value, money: true },
  { label: "At stake: came in, ordered nothing", of: (one) => one.stake.value_without_order, money: true, hint: "What the events that let them in were worth: their value, or else their price." },
];

export function Figures({ reports }: { reports: { name: string; report: Report }[] }) {
  const { currency } = useBrand();
  const shown = (row: Row, value: number) => (row.money ? money(value, currency) : count(value));
  const two = reports.length === 2;
  return (
    <Paper withBorder component="section" aria-label="The numbers">
      <Table.ScrollContainer minWidth={0} type="native" tabIndex={0} aria-label="The numbers">
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>In the span</Table.Th>
              {reports.map(({ name }) => <Table.Th key={name} ta="right">{name}</Table.Th>)}
              {two && <Table.Th ta="right">Difference</Table.Th>}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {ROWS.map((row) => {
              const values = reports.map(({ report }) => row.of(report));
              const more = two ? values[0]! - values[1]! : 0;
              return (
                <Table.Tr key={row.label}>
                  <Table.Td><Text size="sm">{row.label}</Text>{row.hint && <Text size="xs" c="dimmed">{row.hint}</Text>}</Table.Td>
                  {values.map((value, index) => <Table.Td key={index} ta="right" className="numbers">{shown(row, value)}</Table.Td>)}
                  {two && <Table.Td ta="right" className="numbers" fw={600}>{more === 0 ? "–" : `${more > 0 ? "+" : "−"}${shown(row, Math.abs(more))}`}</Table.Td>}
                </Table.Tr>
              );
            })}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Paper>
  );
}
