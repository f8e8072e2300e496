// The fourth step: what will happen, in words, before it does.
import { Card, List, Table, Text, Title } from "@mantine/core";

import { query } from "@/api/client";
import { counted } from "@/ui/formats";

import { type Plan, TARGETS } from "./plan";
import type { Uploaded } from "./upload";

const NAMES = Object.fromEntries(TARGETS.flatMap((group) => group.items).map((one) => [one.value, one.label]));

export function Review({ found, plan }: { found: Uploaded; plan: Plan }) {
  const lists = query.useQuery("get", "/api/v1/lists");
  const list = lists.data?.find((one) => String(one.id) === plan.list);
  const out = plan.mapping.filter((one) => one.to === "skip").length;
  return (
    <Card component="section" aria-label="Review">
      <Title order={2} fz="md" mb="sm">What will happen</Title>
      <List size="sm" spacing={6}>
        <List.Item>{counted(found.total, "row")} of {found.name} {found.total === 1 ? "is" : "are"} taken in. {counted(plan.mapping.length - out, "column")} used{out ? `, ${out} left out` : ""}.</List.Item>
        <List.Item>{plan.existing === "update" ? "People who are known already are changed by what the file says; empty cells change nothing." : "Rows of people who are known already are passed over."}</List.Item>
        <List.Item>{list ? <>They join <b>{list.name}</b>. {plan.startsFlows ? "Flows that begin with it start for those who were not on it: emails may go at once." : "No flow starts by it."}</> : "They join no list."}</List.Item>
        <List.Item>{plan.consented ? <>They are subscribed to email as of {plan.day}, with the proof “{plan.source.trim()}”. Nobody who unsubscribed or is suppressed is.</> : "Consent stays as it is."}</List.Item>
        <List.Item>Rows that cannot be taken in are listed with the reason, to be downloaded afterwards.</List.Item>
      </List>
      <Text size="sm" fw={550} mt="lg" mb="xs">The first rows, as they will be read</Text>
      <Table.ScrollContainer minWidth={0} type="native" tabIndex={0} aria-label="The first rows">
        <Table aria-label="The first rows" verticalSpacing={6} withColumnBorders style={{ whiteSpace: "nowrap" }}>
          <Table.Thead>
            <Table.Tr>{plan.mapping.map((one, index) => one.to !== "skip" && <Table.Th key={index}>{one.to === "property" ? one.name : NAMES[one.to]}</Table.Th>)}</Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {found.preview.slice(0, 8).map((row, place) => (
              <Table.Tr key={place}>{plan.mapping.map((one, index) => one.to !== "skip" && <Table.Td key={index}><Text size="sm" maw={240} truncate>{row[index] ?? ""}</Text></Table.Td>)}</Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Card>
  );
}
