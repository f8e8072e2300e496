// Why somebody did not enter a flow: the last times that something could have started it, each with the rule that said no.
import { List, Stack, Text } from "@mantine/core";

import { query } from "@/api/client";
import { Moment } from "@/ui/Moment";
import { Failed, LoadingRows } from "@/ui/states";

export function WhyNotInFlow({ profileId, slug }: { profileId: number; slug: string }) {
  const found = query.useQuery("get", "/api/v1/profiles/{profile_id}/flows/{slug}/why", { params: { path: { profile_id: profileId, slug } } }, { retry: false });
  if (found.isError) return <Failed error={found.error} retry={() => found.refetch()} />;
  if (!found.data) return <LoadingRows rows={2} />;
  const { words, triggers, starts_when: starts, assumes, next_at: next } = found.data;
  return (
    <Stack gap="xs" mt="md">
      {starts && <Text size="sm">The flow starts when: {starts}.</Text>}
      {triggers.length === 0 && <Text size="sm" fw={550}>{words}</Text>}
      {triggers.map((one, index) => (
        <Stack key={index} gap={0}>
          <Text size="xs" c="dimmed"><Moment at={one.at} /> · {one.what}</Text>
          <Text size="sm" fw={550}>{one.words}</Text>
          {one.details.length > 0 && <List size="sm">{one.details.map((detail) => <List.Item key={detail}>{detail}</List.Item>)}</List>}
        </Stack>
      ))}
      {next && <Text size="sm">It may start for them on <Moment at={next} />.</Text>}
      <Text size="xs" c="dimmed">{assumes}</Text>
    </Stack>
  );
}
