// The second step: what each column becomes, beside what stands in it.
import { Alert, Box, Card, Flex, Select, Stack, Table, Text, TextInput, Title } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";

import { count, counted, size } from "@/ui/formats";

import { type Column, type Plan, TARGETS, type troubles } from "./plan";
import type { Uploaded } from "./upload";

interface Props {
  found: Uploaded;
  plan: Plan;
  troubles: ReturnType<typeof troubles>;
  onChange: (plan: Plan) => void;
}

const TYPES = [
  { value: "text", label: "Text" },
  { value: "number", label: "Number" },
  { value: "boolean", label: "Yes or no" },
  { value: "date", label: "Date" },
];
const DELIMITERS: Record<string, string> = { ",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars" };

export function Mapping({ found, plan, troubles: wrong, onChange }: Props) {
  const set = (index: number, change: Partial<Column>) => onChange({ ...plan, mapping: plan.mapping.map((one, place) => (place === index ? { ...one, ...change } : one)) });
  return (
    <Card component="section" aria-label="Columns" p={0}>
      <Stack gap={4} p="lg" pb="sm">
        <Title order={2} fz="md">What are the columns?</Title>
        <Text size="sm" c="dimmed">
          {counted(found.total, "row")}, {size(found.bytes)}, separated by {DELIMITERS[found.delimiter]}, {found.encoding.toUpperCase()}
          {found.header ? "" : ". The file has no header, so the first row is a person"}. Check what was guessed.
        </Text>
        {wrong.general && <Alert color="yellow" icon={<IconAlertTriangle />} mt="xs">{wrong.general}</Alert>}
      </Stack>
      <Table.ScrollContainer minWidth={0} type="native" tabIndex={0} aria-label="Columns">
        <Table aria-label="Columns" verticalSpacing="sm" horizontalSpacing="lg">
          <Table.Thead><Table.Tr><Table.Th w="24%">In the file</Table.Th><Table.Th w="30%" visibleFrom="sm">The first rows</Table.Th><Table.Th>Becomes</Table.Th></Table.Tr></Table.Thead>
          <Table.Tbody>
            {found.columns.map((name, index) => (
              <Table.Tr key={index} style={{ verticalAlign: "top" }}>
                <Table.Td miw={120}>
                  <Text size="sm" fw={550} style={{ overflowWrap: "anywhere" }}>{name}</Text>
                  <Box hiddenFrom="sm" mt={4}><Examples rows={found.preview} index={index} /></Box>
                </Table.Td>
                <Table.Td visibleFrom="sm"><Examples rows={found.preview} index={index} /></Table.Td>
                <Table.Td><Becomes name={name} column={plan.mapping[index]!} trouble={wrong.columns[index]} onChange={(change) => set(index, change)} /></Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Card>
  );
}

function Examples({ rows, index }: { rows: string[][]; index: number }) {
  const filled = rows.map((row) => row[index]?.trim() ?? "").filter(Boolean);
  if (filled.length === 0) return <Text size="xs" c="dimmed">Empty in the first {count(rows.length)} rows</Text>;
  return <Stack gap={0}>{filled.slice(0, 3).map((value, place) => <Text key={place} size="xs" c="dimmed" truncate maw={{ base: 120, sm: 280 }}>{value}</Text>)}</Stack>;
}

function Becomes({ name, column, trouble, onChange }: { name: string; column: Column; trouble?: string; onChange: (change: Partial<Column>) => void }) {
  return (
    <Flex gap="xs" align="flex-start" direction={{ base: "column", sm: "row" }}>
      <Select aria-label={`${name} becomes`} size="xs" w={160} data={TARGETS} value={column.to} allowDeselect={false} error={column.to === "property" ? undefined : trouble}
        onChange={(to) => onChange({ to: to as Column["to"], name: to === "property" ? column.name || name : "" })} />
      {column.to === "property" && (
        <>
          <TextInput aria-label={`Property for ${name}`} size="xs" w={170} value={column.name} error={trouble} maxLength={200} onChange={(event) => onChange({ name: event.currentTarget.value })} />
          <Select aria-label={`Kind of ${name}`} size="xs" w={110} data={TYPES} value={column.type} allowDeselect={false} onChange={(type) => onChange({ type: type as Column["type"] })} />
        </>
      )}
    </Flex>
  );
}
