// Who is in a segment, page by page, and since when.
import { Text, Title } from "@mantine/core";
import { IconUsers } from "@tabler/icons-react";
import { keepPreviousData } from "@tanstack/react-query";
import { useState } from "react";

import { query } from "@/api/client";
import type { components } from "@/api/schema";
import { useInBrand } from "@/app/places";
import { ConsentBadges } from "@/screens/audience/ConsentBadges";
import { PersonCell } from "@/screens/audience/PersonCell";
import { type Column, DataTable } from "@/ui/DataTable";
import { count } from "@/ui/formats";
import { Moment } from "@/ui/Moment";
import { Empty } from "@/ui/states";

import type { Segment } from "./State";

type Member = components["schemas"]["SegmentMember"];
const SHOWN = 25;

const COLUMNS: Column<Member>[] = [
  { key: "person", title: "Person", render: (one) => <PersonCell {...one} /> },
  { key: "consent", title: "Consent", wide: true, render: ({ consent }) => <ConsentBadges consent={consent.state} suppressed={consent.suppressions.map((one) => one.reason)} /> },
  { key: "place", title: "Place", wide: true, render: (one) => [one.city, one.country].filter(Boolean).join(", ") || <Text span c="dimmed">–</Text> },
  { key: "entered", title: "Entered", align: "right", render: (one) => <Moment at={one.entered_at} as="date" />, width: 130 },
];

export function MembersTable({ segment }: { segment: Segment }) {
  const inBrand = useInBrand();
  // The cursors of the pages before this one: the list runs one way.
  const [way, setWay] = useState<string[]>([]);
  const cursor = way.at(-1);
  const found = query.useQuery("get", "/api/v1/segments/{segment_id}/members", { params: { path: { segment_id: segment.id }, query: { limit: SHOWN, cursor } } }, { placeholderData: keepPreviousData, staleTime: 10_000 });
  const next = found.data?.next;
  const first = way.length * SHOWN + 1;
  const last = way.length * SHOWN + (found.data?.data.length ?? 0);
  return (
    <section aria-labelledby="members">
      <Title order={2} fz="md" mb="sm" id="members">People in it</Title>
      <DataTable<Member>
        label="People in the segment"
        columns={COLUMNS}
        rows={found.data?.data}
        rowKey={(one) => one.id}
        rowLink={(one) => inBrand(`/profiles/${one.id}`)}
        loading={found.isPending || found.isPlaceholderData}
        error={found.error}
        retry={() => void found.refetch()}
        empty={<Empty icon={IconUsers} title="Nobody is in it">{segment.state === "building" ? "Its members are still being found." : "Nobody meets the definition just now. Whoever comes to meet it enters within a second."}</Empty>}
        paging={{
          label: `${count(first)}–${count(last)} of ${count(Math.max(segment.members, last))}, by when they were first known`,
          onPrevious: way.length > 0 ? () => setWay(way.slice(0, -1)) : undefined,
          onNext: next && !found.isPlaceholderData ? () => setWay([...way, next]) : undefined,
        }}
      />
    </section>
  );
}
