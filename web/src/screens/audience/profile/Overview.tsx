// The first look at a person: whether they can get email, what comes next, their facts and properties.
import { Alert, Card, Group, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { IconCircleCheck, IconCircleOff } from "@tabler/icons-react";

import { useTimes } from "@/ui/times";
import { Moment } from "@/ui/Moment";
import { Failed, LoadingRows } from "@/ui/states";

import type { Profile } from "../people";
import { Facts } from "./Facts";
import type { Loading, Told } from "./loading";
import { Numbers } from "./Numbers";
import { Properties } from "./Properties";

export function Overview({ profile, timeline }: { profile: Profile; timeline: Loading<Told> }) {
  return (
    <Stack>
      <Numbers profileId={profile.id} />
      <Standing timeline={timeline} />
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
        <Facts profile={profile} />
        <Stack>
          <Coming timeline={timeline} />
          <Properties profile={profile} />
        </Stack>
      </SimpleGrid>
    </Stack>
  );
}

function Standing({ timeline }: { timeline: Loading<Told> }) {
  if (!timeline.data) return null;
  const { can_receive: can, standing } = timeline.data;
  return (
    <Alert color={can ? "green" : "red"} icon={can ? <IconCircleCheck /> : <IconCircleOff />} title={can ? "Marketing email can be sent" : "Marketing email is not sent"}>
      {standing}
    </Alert>
  );
}

function Coming({ timeline }: { timeline: Loading<Told> }) {
  const { zone } = useTimes();
  const next = timeline.data?.next;
  return (
    <Card component="section" aria-label="What comes next">
      <Title order={2} fz="md" mb="sm">What comes next</Title>
      {timeline.error ? <Failed error={timeline.error} retry={() => timeline.refetch()} /> : null}
      {!next && !timeline.error && <LoadingRows rows={2} />}
      {next?.length === 0 && <Text size="sm" c="dimmed">Nothing is planned for this person.</Text>}
      <Stack gap="sm">
        {next?.map((one, index) => (
          <Group key={index} justify="space-between" wrap="nowrap" align="flex-start">
            <Stack gap={0} miw={0}>
              <Text size="sm" fw={550}>{one.title}</Text>
              <Text size="xs" c="dimmed">{[one.flow && !one.title.includes(one.flow) ? one.flow : null, one.detail].filter(Boolean).join(" · ")}</Text>
            </Stack>
            <Moment at={one.at} size="sm" style={{ whiteSpace: "nowrap" }} />
          </Group>
        ))}
      </Stack>
      {!!next?.length && <Text size="xs" c="dimmed" mt="sm">Times are those of {zone}.</Text>}
    </Card>
  );
}
