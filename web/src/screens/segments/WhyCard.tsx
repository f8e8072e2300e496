// Why somebody is in a segment or not: find the person, see each condition's answer and the facts behind it.
import { Card, Loader, Select, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useState } from "react";

import { query } from "@/api/client";
import { useAddress } from "@/app/address";
import { called } from "@/screens/audience/people";

import type { Segment } from "./State";
import { WhyInSegment } from "./WhyInSegment";

export function WhyCard({ segment }: { segment: Segment }) {
  const [{ why }, setAddress] = useAddress<{ why: string }>();
  return (
    <Card component="section" aria-label="Why someone is in it or not" p="md">
      <Text component="h2" fw={650} fz="md" mb={4}>Why is someone in it, or not?</Text>
      <PersonSearch value={why} onChange={(next) => setAddress({ why: next })} />
      {why && /^\d+$/.test(why) && <WhyInSegment profileId={Number(why)} segmentId={segment.id} />}
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
