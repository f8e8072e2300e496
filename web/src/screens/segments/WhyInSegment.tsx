// Why one person is in a segment or not: since when, what time alone changes, and every condition's answer.
import { Badge, Group, Stack, Text } from "@mantine/core";

import { query } from "@/api/client";
import { Moment } from "@/ui/Moment";
import { Failed, LoadingRows } from "@/ui/states";

import { WhyTree } from "./WhyTree";

export function WhyInSegment({ profileId, segmentId }: { profileId: number; segmentId: number }) {
  const found = query.useQuery("get", "/api/v1/segments/{segment_id}/why", { params: { path: { segment_id: segmentId }, query: { profile: profileId } } }, { retry: false });
  if (found.isError) return <Failed error={found.error} retry={() => found.refetch()} />;
  if (!found.data) return <LoadingRows rows={2} />;
  const { member, known, entered_at: entered, changes_at: changes, answer } = found.data;
  return (
    <Stack gap={4} mt="sm" aria-live="polite">
      <Group gap="xs">
        <Badge color={member ? "green" : "gray"} size="lg">{member ? "Is in it" : "Is not in it"}</Badge>
        {entered && <Text size="xs" c="dimmed">since <Moment at={entered} /></Text>}
      </Group>
      {!known && <Text size="sm" c="dimmed">This browser has not said who it is; such are in no segment.</Text>}
      {changes && <Text size="xs" c="dimmed">By time alone this changes on <Moment at={changes} />.</Text>}
      <WhyTree answer={answer} />
    </Stack>
  );
}
