// A series that is scheduled, under way or over: its days together, with what became of each.
import { Button, Group, Paper, SimpleGrid, Stack } from "@mantine/core";
import { IconArrowBackUp, IconBan, IconTimeline } from "@tabler/icons-react";
import { useState } from "react";

import { api } from "@/api/client";
import { tellDone, tellRefused } from "@/app/notices";
import { useInBrand } from "@/app/places";
import { useBrand, useMay } from "@/app/session";
import { ConfirmModal } from "@/ui/confirm";
import { type Column, DataTable } from "@/ui/DataTable";
import { Figure, shareOf } from "@/ui/Figure";
import { count, counted, money, rate } from "@/ui/formats";
import { Moment } from "@/ui/Moment";
import { PageHeader } from "@/ui/PageHeader";
import { Empty } from "@/ui/states";
import { StatusBadge } from "@/ui/StatusBadge";

import { useRefresh } from "./acts";
import { MOVING, type Row, type Series } from "./shapes";

export function SeriesDays({ series }: { series: Series }) {
  const inBrand = useInBrand();
  const { currency } = useBrand();
  const sum = (of: "sent" | "delivered" | "opened" | "clicked" | "orders" | "revenue") => series.campaigns.reduce((total, one) => total + (one.figures?.[of] ?? 0), 0);
  const columns: Column<Row>[] = [
    { key: "day", title: "Day", width: 60, align: "right", render: (row) => row.position },
    { key: "name", title: "Campaign", render: (row) => row.name },
    { key: "status", title: "Status", render: (row) => <StatusBadge status={row.status} /> },
    { key: "when", title: "When", wide: true, render: (row) => <Moment at={row.send_at} /> },
    { key: "recipients", title: "Recipients", align: "right", render: (row) => (row.figures ? count(row.figures.recipients) : "–") },
    { key: "opened", title: "Opened", align: "right", wide: true, render: (row) => (row.figures ? rate(row.figures.opened, row.figures.delivered) : "–") },
    { key: "clicked", title: "Clicked", align: "right", wide: true, render: (row) => (row.figures ? rate(row.figures.clicked, row.figures.delivered) : "–") },
    { key: "revenue", title: "Revenue", align: "right", wide: true, render: (row) => (row.figures ? money(row.figures.revenue, currency) : "–") },
  ];
  return (
    <>
      <PageHeader
        title={series.name}
        trail={[{ label: "Campaigns", to: inBrand("/campaigns") }]}
        description={<>A series of {counted(series.campaigns.length, "email")} from <Moment at={series.starts_at} /> on; whoever does “{series.exclude_metric}” after that gets none of the later ones.</>}
        actions={<Acts series={series} />}
      />
      <Stack gap="md">
        <Paper withBorder p="lg" component="section" aria-label="All days together">
          <SimpleGrid cols={{ base: 2, sm: 4 }}>
            <Figure label="Emails delivered" value={count(sum("delivered"))} note={shareOf(sum("delivered"), sum("sent"), "sent")} />
            <Figure label="Opened" value={rate(sum("opened"), sum("delivered"))} note="of delivered" />
            <Figure label="Clicked" value={rate(sum("clicked"), sum("delivered"))} note="of delivered" />
            <Figure label="Revenue" value={money(sum("revenue"), currency)} note={`${count(sum("orders"))} orders within 5 days of an open or click`} />
          </SimpleGrid>
        </Paper>
        <DataTable
          label="The days of this series"
          columns={columns}
          rows={series.campaigns}
          rowKey={(row) => row.id}
          rowLink={(row) => inBrand(row.status === "draft" ? `/campaigns/${row.id}/edit` : `/campaigns/${row.id}`)}
          empty={<Empty icon={IconTimeline} title="No days">Every day of this series was deleted.</Empty>}
        />
      </Stack>
    </>
  );
}

function Acts({ series }: { series: Series }) {
  const mayChange = useMay("marketer");
  const refresh = useRefresh();
  const [asked, setAsked] = useState(false);
  const params = { path: { series_id: series.id } };
  const waiting = series.campaigns.filter((one) => one.status === "scheduled");
  const open = series.campaigns.filter((one) => one.status === "draft" || MOVING.includes(one.status));
  if (!mayChange) return null;
  const unschedule = async () => {
    try {
      await api.POST("/api/v1/series/{series_id}/unschedule", { params });
      await refresh();
      tellDone(`${counted(waiting.length, "day")} made drafts again.`);
    } catch (error) {
      tellRefused(error);
    }
  };
  const cancel = async () => {
    await api.POST("/api/v1/series/{series_id}/cancel", { params });
    await refresh();
    tellDone(`${counted(open.length, "email")} of the series cancelled.`);
  };
  return (
    <Group gap="sm">
      {waiting.length > 0 && <Button variant="default" leftSection={<IconArrowBackUp size={16} aria-hidden />} onClick={() => void unschedule()}>Make {counted(waiting.length, "day")} drafts again</Button>}
      {open.length > 0 && <Button variant="default" leftSection={<IconBan size={16} aria-hidden />} onClick={() => setAsked(true)}>Cancel series</Button>}
      <ConfirmModal opened={asked} onClose={() => setAsked(false)} title="Cancel what is left of this series?" action={`Cancel ${counted(open.length, "email")}`} danger onConfirm={cancel}>
        {counted(open.length, "email")} of {series.campaigns.length} {open.length === 1 ? "is" : "are"} not over yet and will not go out, or stop at once. What has left cannot be taken back, and a cancelled email cannot go on.
      </ConfirmModal>
    </Group>
  );
}
