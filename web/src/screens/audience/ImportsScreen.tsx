// Files of people that were uploaded, how far each is, and what came of it.
import { Button, Progress, Stack, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { IconFileSpreadsheet, IconUpload } from "@tabler/icons-react";

import { query } from "@/api/client";
import { useAddress } from "@/app/address";
import { useInBrand } from "@/app/places";
import { useMay } from "@/app/session";
import { type Column, DataTable } from "@/ui/DataTable";
import { count, counted } from "@/ui/formats";
import { Moment } from "@/ui/Moment";
import { PageHeader } from "@/ui/PageHeader";
import { Empty } from "@/ui/states";
import { StatusBadge } from "@/ui/StatusBadge";

import type { Import } from "./imports/plan";

const COLUMNS: Column<Import>[] = [
  { key: "name", title: "File", render: (one) => <Stack gap={0} maw={340}><Text size="sm" fw={550} truncate>{one.name}</Text><Text size="xs" c="dimmed">{counted(one.total, "row")}{one.list_name ? `, to ${one.list_name}` : ""}</Text></Stack> },
  { key: "state", title: "State", render: (one) => (one.state === "running" ? <Going one={one} /> : <StatusBadge status={one.state} label={one.state === "draft" ? "Not started" : undefined} />) },
  { key: "made", title: "New", align: "right", wide: true, render: (one) => count(one.made) },
  { key: "changed", title: "Changed", align: "right", wide: true, render: (one) => count(one.changed) },
  { key: "refused", title: "Refused", align: "right", wide: true, render: (one) => count(one.refused) },
  { key: "created", title: "Uploaded", wide: true, render: (one) => <Moment at={one.created_at} size="sm" /> },
];
const LIMIT = 50;

function Going({ one }: { one: Import }) {
  return (
    <Stack gap={4} w={140}>
      <Progress value={(100 * one.done) / Math.max(1, one.total)} aria-label={`Progress of ${one.name}`} />
      <Text size="xs" c="dimmed" className="numbers">{count(one.done)} of {count(one.total)}</Text>
    </Stack>
  );
}

export function ImportsScreen() {
  const [{ cursor }, setAddress] = useAddress();
  const found = query.useQuery("get", "/api/v1/imports", { params: { query: { limit: LIMIT, cursor } } }, {
    refetchInterval: (asked) => (asked.state.data?.data.some((one) => one.state === "running") ? 1500 : false),
  });
  const inBrand = useInBrand();
  const mayChange = useMay("marketer");
  const start = mayChange && <Button component={Link} to={inBrand("/imports/new")} leftSection={<IconUpload size={16} aria-hidden />}>Import CSV</Button>;
  const next = found.data?.next;
  return (
    <>
      <PageHeader title="Imports" description="People from CSV files" actions={start} />
      <DataTable
        label="Imports"
        columns={COLUMNS}
        rows={found.data?.data}
        rowKey={(one) => one.id}
        rowLink={(one) => inBrand(`/imports/${one.id}`)}
        loading={found.isPending}
        error={found.error}
        retry={() => found.refetch()}
        paging={cursor || next ? { label: "The newest first", onPrevious: cursor ? () => window.history.back() : undefined, onNext: next ? () => setAddress({ cursor: next }, { push: true }) : undefined } : undefined}
        empty={<Empty icon={IconFileSpreadsheet} title="No imports yet" action={start}>Bring people from your shop, another provider or a spreadsheet. You see what each column becomes before anything is changed.</Empty>}
      />
    </>
  );
}
