// What each step would have done: sent, skipped and why, left and why, who stands there at the end.
import { Stack, Text } from "@mantine/core";

import { type Column, DataTable } from "@/ui/DataTable";
import { count } from "@/ui/formats";

import { leftWords, skippedWords } from "../reasons";
import { type StepReport, sum } from "./report";

interface Row extends StepReport {
  id: string;
  name: string;
}

const COLUMNS: Column<Row>[] = [
  { key: "name", title: "Step", render: (row) => <Text size="sm" fw={550}>{row.name}</Text> },
  { key: "sent", title: "Sent", align: "right", render: (row) => count(row.sent) },
  { key: "done", title: "Carried out", align: "right", wide: true, render: (row) => count(row.done) },
  { key: "skipped", title: "Skipped", align: "right", wide: true, render: (row) => <Why counts={row.skipped} called={skippedWords} /> },
  { key: "left", title: "Left here", align: "right", wide: true, render: (row) => <Why counts={row.left} called={leftWords} /> },
  { key: "waiting", title: "Here at the end", align: "right", wide: true, render: (row) => count(row.waiting) },
];

export function StepTable({ steps, names }: { steps: Record<string, StepReport>; names: ReadonlyMap<string, string> }) {
  const rows = Object.entries(steps).map(([id, one]) => ({ ...one, id, name: names.get(id) ?? id }));
  const told = rows.filter((row) => row.sent + row.done + sum(row.skipped) + sum(row.left) + row.waiting > 0);
  return <DataTable label="Steps" columns={COLUMNS} rows={told} rowKey={(row) => row.id} empty={<Text p="md" size="sm" c="dimmed">Nobody came to any step.</Text>} />;
}

function Why({ counts, called }: { counts: Record<string, number>; called: (reason: string) => string }) {
  const rows = Object.entries(counts);
  return (
    <Stack gap={0} align="flex-end">
      <span>{count(sum(counts))}</span>
      {rows.map(([reason, number]) => <Text key={reason} size="xs" c="dimmed" ta="right">{rows.length > 1 ? `${count(number)} ` : ""}{called(reason)}</Text>)}
    </Stack>
  );
}
