// Segments as files: how far they are, and where to fetch them. They are kept for a week.
import { Anchor, Button, Progress, Text, Title, VisuallyHidden } from "@mantine/core";
import { IconDownload, IconFileExport } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";

import { link, query } from "@/api/client";
import type { components } from "@/api/schema";
import { useInBrand } from "@/app/places";
import { useMay } from "@/app/session";
import { DataTable } from "@/ui/DataTable";
import { count, size } from "@/ui/formats";
import { Moment } from "@/ui/Moment";
import { StatusBadge } from "@/ui/StatusBadge";
import { Empty } from "@/ui/states";

type Export = components["schemas"]["ExportOut"];

export function ExportsTable() {
  const inBrand = useInBrand();
  const fetches = useMay("marketer");
  const found = query.useQuery("get", "/api/v1/exports", { params: { query: { limit: 50 } } }, { refetchInterval: ({ state }) => (state.data?.data.some((one) => one.state === "running") ? 1500 : false) });
  return (
    <section aria-label="Exports">
      <Title order={2} fz="md">Exports</Title>
      <Text size="sm" c="dimmed" mb="sm">The people of a segment as a CSV file; it is made in the background and kept for a week.</Text>
      <DataTable
        label="Exports"
        rows={found.data?.data}
        rowKey={(one) => one.id}
        loading={found.isPending}
        error={found.error}
        retry={() => void found.refetch()}
        empty={<Empty icon={IconFileExport} title="No exports" action={<Button component={Link} to={inBrand("/segments")} variant="default">Go to the segments</Button>}>Export a segment from its page.</Empty>}
        columns={[
          { key: "segment", title: "Segment", render: (one) => <Anchor component={Link} to={inBrand(`/segments/${one.segment_id}`)} size="sm" fw={550}>{one.segment}</Anchor> },
          { key: "state", title: "State", width: 150, render: (one) => <State one={one} /> },
          { key: "rows", title: "Rows", align: "right", width: 110, render: (one) => count(one.rows) },
          { key: "size", title: "Size", align: "right", wide: true, width: 110, render: (one) => (one.bytes > 0 ? size(one.bytes) : "–") },
          { key: "made", title: "Made", wide: true, width: 170, render: (one) => <Moment at={one.created_at} size="sm" /> },
          { key: "file", title: <VisuallyHidden>Actions</VisuallyHidden>, align: "right", width: 150, render: (one) => one.url && fetches && <Button component="a" href={link(one.url)} download size="xs" variant="default" leftSection={<IconDownload size={14} aria-hidden />}>Download</Button> },
        ]}
      />
    </section>
  );
}

function State({ one }: { one: Export }) {
  if (one.state !== "running") return <><StatusBadge status={one.state} />{one.error && <Text size="xs" c="dimmed">{one.error}</Text>}</>;
  return <Progress value={one.total > 0 ? (100 * one.rows) / one.total : 0} animated aria-label={`${one.rows} of about ${one.total} rows`} />;
}
