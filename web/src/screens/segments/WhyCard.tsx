// Why somebody is in a segment or not: find the person, see each condition's answer and the facts behind it.
import { Badge, Card, Group, Loader, Select, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useState } from "react";

import { query } from "@/api/client";
import { useAddress } from "@/app/address";
import { called } from "@/screens/audience/people";
import { Moment } from "@/ui/Moment";
import { Failed } from "@/ui/states";

import type { Segment } from "./State";
import { WhyTree } from "./WhyTree";

export function WhyCard({ segment }: { segment: Segment }) {
  const [{ why }, setAddress] = useAddress<{ why: string }>();
  return (
    <Card component="section" aria-label="Why someone is in it or not" p="md">
      <Text component="h2" fw={650} fz="md" mb={4}>Why is someone in it, or not?</Text>
      <PersonSearch value={why} onChange={(next) => setAddress({ why: next })} />
      {why && /^\d+$/.test(why) && <Explained segment={segment} profile={Number(why)} />}
    </Card>
  );
}

function PersonSearch({ value, onChange }: { value: string | undefined; onChange: (value: string | undefined) => void }) {
  const [search, setSearch] = useState("");
  const [q] = useDebouncedValue(search.trim(), 250);
  const chosen = query.useQuery("get", "/api/v1/profiles/{profile_id}", { params: { path: { profile_id: Number(value) } } }, { enabled: value !== undefined && /^\d+$/.test(value), retry: false, staleTime: 60_000 });
  const label = (one: Parameters<typeof called>[0]) => [...new Set([called(one), one.email].filter(Boolean))].join(" · ");
  const shown = chosen.data ? label(chosen.data) : undefined;
  // What stands in the field once somebody is chosen is no question.
  const found = query.useQuery("get", "/api/v1/profiles/table", { params: { query: { q, limit: 8 } } }, { enabled: q.length > 1 && q !== shown && !q.includes("·"), staleTime: 30_000 });
  const people = new Map((found.data?.data ?? []).map((one) => [String(one.id), label(one)]));
  if (value && shown) people.set(value, shown);
  return (
    <Select
      aria-label="Person"
      placeholder="Name or address"
      leftSection={<IconSearch size={16} aria-hidden />}
      rightSection={found.isFetching ? <Loader size={14} /> : undefined}
      data={[...people].map(([id, name]) => ({ value: id, label: name }))}
      value={value ?? null}
      onChange={(next) => onChange(next ?? undefined)}
      searchable
      clearable
      searchValue={search}
      onSearchChange={setSearch}
      // The server has searched already: by parts of names, addresses and numbers.
      filter={({ options }) => options}
      nothingFoundMessage={q.length > 1 && !found.isFetching ? "Nobody found" : "Type at least two letters"}
    />
  );
}

function Explained({ segment, profile }: { segment: Segment; profile: number }) {
  const { data, error, isPending } = query.useQuery("get", "/api/v1/segments/{segment_id}/why", { params: { path: { segment_id: segment.id }, query: { profile } } }, { retry: false });
  if (error) return <Failed error={error} />;
  if (isPending) return <Loader size="xs" mt="sm" aria-label="Loading" />;
  return (
    <>
      <Group gap="xs" mt="sm" mb={4}>
        <Badge color={data.member ? "green" : "gray"} size="lg">{data.member ? "Is in it" : "Is not in it"}</Badge>
        {data.entered_at && <Text size="xs" c="dimmed">since <Moment at={data.entered_at} /></Text>}
      </Group>
      {!data.known && <Text size="sm" c="dimmed">This browser has not said who it is; such are in no segment.</Text>}
      {data.changes_at && <Text size="xs" c="dimmed">By time alone this changes on <Moment at={data.changes_at} />.</Text>}
      <WhyTree answer={data.answer} />
    </>
  );
}
