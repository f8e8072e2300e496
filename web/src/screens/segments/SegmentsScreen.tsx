// Every segment of the brand: how many are in it, how it grows, what uses it.
import { ActionIcon, Anchor, Button, Group, Text, Tooltip } from "@mantine/core";
import { IconPlus, IconStar, IconStarFilled, IconUsersGroup } from "@tabler/icons-react";
import { keepPreviousData, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { api, query } from "@/api/client";
import { useAddress } from "@/app/address";
import { tellRefused } from "@/app/notices";
import { useInBrand } from "@/app/places";
import { useMay } from "@/app/session";
import { type Column, DataTable } from "@/ui/DataTable";
import { count, counted } from "@/ui/formats";
import { Moment } from "@/ui/Moment";
import { PageHeader } from "@/ui/PageHeader";
import { SearchField } from "@/ui/SearchField";
import { Empty } from "@/ui/states";

import { Curve } from "./Curve";
import { ReadyMade } from "./ReadyMade";
import { patience, type Segment, State } from "./State";
import { howUsed, kindOf, type Use, useUses } from "./uses";

const MOST = 1000;

export function SegmentsScreen() {
  const inBrand = useInBrand();
  const may = useMay("marketer");
  const [{ q = "", sort = "name" }, setAddress] = useAddress<{ q: string; sort: string }>();
  const list = query.useQuery("get", "/api/v1/segments", { params: { query: { q, limit: MOST } } }, { placeholderData: keepPreviousData, refetchInterval: ({ state }) => patience((state.data as { data: Segment[] } | undefined)?.data) });
  const sizes = query.useQuery("get", "/api/v1/segments/sizes", { params: { query: { days: 30 } } }, { staleTime: 60_000 });
  const curves = new Map(sizes.data?.map((one) => [one.segment_id, one.members]));
  const uses = useUses();
  const rows = list.data?.data && sorted(list.data.data, sort);
  const none = rows?.length === 0 && q === "";
  const make = may && <Button component={Link} to={inBrand("/segments/new")} leftSection={<IconPlus size={16} />}>New segment</Button>;
  return (
    <>
      <PageHeader title="Segments" description="People who meet a definition, as long as they meet it. They follow within a second." actions={!none && make} />
      <DataTable<Segment>
        label="Segments"
        columns={columns(curves, uses, may)}
        rows={rows}
        rowKey={(one) => one.id}
        rowLink={(one) => inBrand(`/segments/${one.id}`)}
        loading={list.isFetching && (list.isPlaceholderData || list.isPending)}
        error={list.error}
        retry={() => void list.refetch()}
        sorting={{ value: sort, onChange: (next) => setAddress({ sort: next }) }}
        toolbar={none ? undefined : <Toolbar q={q} onSearch={(next) => setAddress({ q: next })} found={list.data?.data.length} more={!!list.data?.next} />}
        empty={
          q ? (
            <Empty icon={IconUsersGroup} title="No segment of this name">Nothing matches “{q}”. Search for another part of the name.</Empty>
          ) : (
            <Empty icon={IconUsersGroup} title="No segments yet" action={make}>Build one from what people did, who they are and what they agreed to. Or take one of the ready-made below.</Empty>
          )
        }
      />
      {!q && <ReadyMade taken={new Set(rows?.map((one) => one.name.toLowerCase()))} />}
    </>
  );
}

function Toolbar({ q, onSearch, found, more }: { q: string; onSearch: (q: string) => void; found: number | undefined; more: boolean }) {
  return (
    <>
      <SearchField label="Search segments" value={q} onChange={onSearch} />
      {found !== undefined && <Text size="sm" c="dimmed" className="numbers">{more ? `The first ${counted(found, "segment")}: search for others` : counted(found, "segment")}</Text>}
    </>
  );
}

function columns(curves: Map<number, number[]>, uses: Map<number, Use[]>, may: boolean): Column<Segment>[] {
  return [
    { key: "name", title: "Name", sort: "name", rising: true, render: (one) => <Name segment={one} may={may} /> },
    { key: "members", title: "People", align: "right", sort: "members", render: (one) => count(one.members) },
    { key: "curve", title: "Last 30 days", wide: true, render: (one) => <Curve sizes={curves.get(one.id) ?? []} />, width: 140 },
    { key: "uses", title: "Used by", wide: true, render: (one) => <UsedBy uses={uses.get(one.id) ?? []} />, width: 210 },
    { key: "state", title: "State", render: (one) => <State segment={one} /> },
    { key: "updated", title: "Changed", wide: true, sort: "updated", render: (one) => <Moment at={one.updated_at} as="date" />, width: 120 },
  ];
}

function Name({ segment, may }: { segment: Segment; may: boolean }) {
  const inBrand = useInBrand();
  const client = useQueryClient();
  const star = async () => {
    try {
      await api.PATCH("/api/v1/segments/{segment_id}", { params: { path: { segment_id: segment.id } }, body: { starred: !segment.starred } });
      await client.invalidateQueries({ queryKey: ["get", "/api/v1/segments"] });
    } catch (error) {
      tellRefused(error);
    }
  };
  const Star = segment.starred ? IconStarFilled : IconStar;
  return (
    <Group gap={8} wrap="nowrap" align="flex-start">
      {may && (
        <ActionIcon size="sm" mt={1} color={segment.starred ? "yellow" : "gray"} aria-label={segment.starred ? `Unstar ${segment.name}` : `Star ${segment.name}`} aria-pressed={segment.starred} onClick={(event) => { event.stopPropagation(); void star(); }}>
          <Star size={15} />
        </ActionIcon>
      )}
      <div style={{ minWidth: 0 }}>
        <Anchor component={Link} to={inBrand(`/segments/${segment.id}`)} c="inherit" fw={600} size="sm" style={{ overflowWrap: "anywhere" }} onClick={(event) => event.stopPropagation()}>{segment.name}</Anchor>
        <Text size="xs" c="dimmed" lineClamp={2} style={{ overflowWrap: "anywhere" }}>{segment.description}</Text>
      </div>
    </Group>
  );
}

function UsedBy({ uses }: { uses: Use[] }) {
  const first = uses[0];
  if (!first) return <Text size="sm" c="dimmed">Nothing</Text>;
  const all = uses.map((one) => `${kindOf(one)} ${one.name} ${howUsed(one)}`).join("; ");
  return (
    <Tooltip label={all} multiline maw={360}>
      <Text size="sm" lineClamp={2}>{kindOf(first)} {first.name}{uses.length > 1 ? ` and ${uses.length - 1} more` : ""}</Text>
    </Tooltip>
  );
}

/** Starred ones first. */
function sorted(segments: Segment[], by: string): Segment[] {
  const falling = by.startsWith("-");
  const compare: Record<string, (one: Segment, other: Segment) => number> = {
    name: (one, other) => one.name.localeCompare(other.name, "en", { numeric: true }),
    members: (one, other) => one.members - other.members,
    updated: (one, other) => one.updated_at.localeCompare(other.updated_at),
  };
  const order = compare[by.replace("-", "")] ?? compare.name!;
  return segments.toSorted((one, other) => Number(other.starred) - Number(one.starred) || (falling ? -order(one, other) : order(one, other)));
}
