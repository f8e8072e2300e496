// The lists a person is on and the segments they are in, each with why; and why they are not in another.
import { ActionIcon, Anchor, Button, Card, Group, Select, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { IconX } from "@tabler/icons-react";
import { useState } from "react";

import { api, query } from "@/api/client";
import { tellDone } from "@/app/notices";
import { useInBrand } from "@/app/places";
import { useMay } from "@/app/session";
import { WhyInSegment } from "@/screens/segments/WhyInSegment";
import { ConfirmModal } from "@/ui/confirm";
import { Moment } from "@/ui/Moment";
import { Failed, LoadingRows } from "@/ui/states";

import { methodWords } from "../people";

export function Groups({ profileId }: { profileId: number }) {
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }}>
      <Lists profileId={profileId} />
      <Segments profileId={profileId} />
    </SimpleGrid>
  );
}

function Lists({ profileId }: { profileId: number }) {
  const found = query.useQuery("get", "/api/v1/profiles/{profile_id}/lists", { params: { path: { profile_id: profileId } } });
  const [leaving, setLeaving] = useState<{ id: number; name: string } | null>(null);
  const inBrand = useInBrand();
  const mayChange = useMay("marketer");
  const client = useQueryClient();
  const remove = async () => {
    if (!leaving) return;
    await api.POST("/api/v1/lists/{list_id}/members/remove", { params: { path: { list_id: leaving.id } }, body: { profiles: [{ id: profileId }] } });
    await client.invalidateQueries({ queryKey: ["get"] });
    tellDone(`Taken off ${leaving.name}.`);
  };
  return (
    <Card component="section" aria-label="Lists">
      <Title order={2} fz="md" mb="sm">Lists</Title>
      {found.isError ? <Failed error={found.error} retry={() => found.refetch()} /> : null}
      {!found.data && !found.isError && <LoadingRows rows={2} />}
      {found.data?.length === 0 && <Text size="sm" c="dimmed">On no list.</Text>}
      <Stack gap="sm">
        {found.data?.map((one) => (
          <Group key={one.list_id} justify="space-between" wrap="nowrap">
            <Stack gap={0} miw={0}>
              <Anchor component={Link} to={inBrand(`/lists/${one.list_id}`)} size="sm" fw={550} style={{ overflowWrap: "anywhere" }}>{one.name}</Anchor>
              <Text size="xs" c="dimmed">{methodWords(one.method)}, <Moment at={one.added_at} as="date" /></Text>
            </Stack>
            {mayChange && <ActionIcon aria-label={`Take off ${one.name}`} onClick={() => setLeaving({ id: one.list_id, name: one.name })}><IconX size={15} /></ActionIcon>}
          </Group>
        ))}
      </Stack>
      <ConfirmModal opened={leaving !== null} onClose={() => setLeaving(null)} onConfirm={remove} title={`Take off ${leaving?.name ?? "the list"}`} action="Take off the list">
        They get no more campaigns that go to this list. Flows they are in go on, and their consent stays as it is.
      </ConfirmModal>
    </Card>
  );
}

function Segments({ profileId }: { profileId: number }) {
  const found = query.useQuery("get", "/api/v1/profiles/{profile_id}/segments", { params: { path: { profile_id: profileId } } });
  const all = query.useQuery("get", "/api/v1/segments", { params: { query: { limit: 1000 } } });
  const [asked, setAsked] = useState<string | null>(null);
  const inBrand = useInBrand();
  return (
    <Card component="section" aria-label="Segments">
      <Title order={2} fz="md" mb="sm">Segments</Title>
      {found.isError ? <Failed error={found.error} retry={() => found.refetch()} /> : null}
      {!found.data && !found.isError && <LoadingRows rows={3} />}
      {found.data?.length === 0 && <Text size="sm" c="dimmed">In no segment.</Text>}
      <Stack gap="sm">
        {found.data?.map((one) => (
          <Group key={one.id} justify="space-between" wrap="nowrap">
            <Stack gap={0} miw={0}>
              <Anchor component={Link} to={inBrand(`/segments/${one.id}`)} size="sm" fw={550} style={{ overflowWrap: "anywhere" }}>{one.name}</Anchor>
              <Text size="xs" c="dimmed">Since <Moment at={one.entered_at} as="date" /></Text>
            </Stack>
            <Button size="compact-xs" variant="subtle" style={{ flexShrink: 0 }} aria-label={`Why in ${one.name}`} onClick={() => setAsked(String(one.id))}>Why</Button>
          </Group>
        ))}
      </Stack>
      <Select mt="md" label="Why in or out of" placeholder="Choose a segment" searchable clearable value={asked} onChange={setAsked}
        data={(all.data?.data ?? []).map((one) => ({ value: String(one.id), label: one.name }))} nothingFoundMessage="No segment by this name." />
      {asked && <WhyInSegment profileId={profileId} segmentId={Number(asked)} />}
    </Card>
  );
}
