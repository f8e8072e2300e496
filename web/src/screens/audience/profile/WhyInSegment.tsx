// Why somebody is in a segment or not: every condition with its answer and the facts behind it.
import { Group, List, Stack, Text, ThemeIcon } from "@mantine/core";
import { IconCheck, IconX } from "@tabler/icons-react";

import { query } from "@/api/client";
import type { components } from "@/api/schema";
import { Moment } from "@/ui/Moment";
import { Failed, LoadingRows } from "@/ui/states";

type Answer = components["schemas"]["AnswerOut"];

export function WhyInSegment({ profileId, segmentId }: { profileId: number; segmentId: number }) {
  const found = query.useQuery("get", "/api/v1/segments/{segment_id}/why", { params: { path: { segment_id: segmentId }, query: { profile: profileId } } });
  if (found.isError) return <Failed error={found.error} retry={() => found.refetch()} />;
  if (!found.data) return <LoadingRows rows={2} />;
  const { member, entered_at: entered, changes_at: changes, answer } = found.data;
  return (
    <Stack gap="xs" mt="sm" aria-live="polite">
      <Text size="sm" fw={550}>
        {member ? "They are in it" : "They are not in it"}
        {member && entered && <>, since <Moment at={entered} /></>}.
        {changes && <> By the passing of time alone, this changes on <Moment at={changes} />.</>}
      </Text>
      <Condition answer={answer} />
    </Stack>
  );
}

function Condition({ answer }: { answer: Answer }) {
  return (
    <Stack gap={4}>
      <Group gap={8} wrap="nowrap" align="flex-start">
        <ThemeIcon size={18} radius="xl" variant="light" color={answer.holds ? "green" : "red"} role="img" aria-label={answer.holds ? "Holds" : "Does not hold"}>
          {answer.holds ? <IconCheck size={12} /> : <IconX size={12} />}
        </ThemeIcon>
        <Text size="sm">{answer.says}</Text>
      </Group>
      {answer.facts.length > 0 && <List size="xs" c="dimmed" ml={26}>{answer.facts.map((fact) => <List.Item key={fact}>{fact}</List.Item>)}</List>}
      {answer.of.length > 0 && <Stack gap={4} ml={26}>{answer.of.map((one, index) => <Condition key={index} answer={one} />)}</Stack>}
    </Stack>
  );
}
