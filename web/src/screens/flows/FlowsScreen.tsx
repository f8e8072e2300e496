// All flows of the brand: what starts each, whether it runs, who is inside, and what the last 30 days brought.
import { Badge, Button, Group, Select, Stack, Text, VisuallyHidden } from "@mantine/core";
import { IconRoute, IconSparkles } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";

import { query } from "@/api/client";
import { useAddress } from "@/app/address";
import { useInBrand } from "@/app/places";
import { useMay } from "@/app/session";
import { type Column, DataTable } from "@/ui/DataTable";
import { count, counted, money, words } from "@/ui/formats";
import { PageHeader } from "@/ui/PageHeader";
import { SearchField } from "@/ui/SearchField";
import { Empty } from "@/ui/states";
import { StatusBadge } from "@/ui/StatusBadge";

import { capital, type FlowRow } from "./flow";
import { FlowMenu } from "./list/FlowMenu";
import { NewFlow } from "./list/NewFlow";
import { shown, STATUSES } from "./list/rows";

const DAYS = 30;

export function FlowsScreen() {
  const inBrand = useInBrand();
  const mayChange = useMay("marketer");
  const [{ q = "", status = "", sort = "-revenue" }, setAddress] = useAddress();
  const found = query.useQuery("get", "/api/v1/flows/table", { params: { query: { days: DAYS, archived: true } } }, { refetchInterval: 60_000 });
  const all = found.data?.flows;
  const rows = all && shown(all, { q, status, sort });
  const filtered = Boolean(q || status);
  return (
    <>
      <PageHeader
        title="Flows"
        description="Automations: each person goes through the steps at their own time."
        actions={
          <>
            <Button variant="default" component={Link} to={inBrand("/flows/recipes")} leftSection={<IconSparkles size={16} aria-hidden />}>Recipes</Button>
            {mayChange && <NewFlow taken={(all ?? []).map((one) => one.slug)} />}
          </>
        }
      />
      <DataTable
        label="Flows"
        columns={columns(found.data?.currency ?? "USD")}
        rows={rows}
        rowKey={(row) => row.id}
        rowLink={(row) => inBrand(`/flows/${row.slug}`)}
        loading={found.isPending}
        error={found.isError ? found.error : undefined}
        retry={() => void found.refetch()}
        sorting={{ value: sort, onChange: (value) => setAddress({ sort: value }) }}
        toolbar={
          <>
            <SearchField label="Search flows" value={q} onChange={(value) => setAddress({ q: value })} />
            <Select
              aria-label="Status"
              placeholder="All but archived"
              data={STATUSES.map((one) => ({ value: one, label: words(one) }))}
              value={status || null}
              onChange={(value) => setAddress({ status: value ?? undefined })}
              clearable
              clearButtonProps={{ "aria-label": "Any status" }}
              w={180}
            />
          </>
        }
        empty={filtered ? <NothingLikeThis clear={() => setAddress({ q: undefined, status: undefined })} /> : <NoFlows />}
      />
      {rows && rows.length > 0 && (
        <Text size="sm" c="dimmed" mt="sm">
          {counted(rows.length, "flow")}. Numbers are of the last {DAYS} days ({found.data!.timezone}); rates are of delivered emails, and opens leave out machines.
        </Text>
      )}
    </>
  );
}

function columns(currency: string): Column<FlowRow>[] {
  return [
    { key: "name", title: "Flow", sort: "name", render: (row) => <Name flow={row} /> },
    { key: "status", title: "Status", render: (row) => <StatusBadge status={row.status} /> },
    { key: "waiting", title: "Waiting now", sort: "waiting", align: "right", wide: true, render: (row) => count(row.waiting) },
    { key: "entered", title: "Entered", sort: "entered", align: "right", wide: true, render: (row) => count(row.entered) },
    { key: "sent", title: "Sent", sort: "sent", align: "right", wide: true, render: (row) => count(row.sent) },
    { key: "opened", title: "Opened", sort: "opened", align: "right", wide: true, render: (row) => share(row.rates.opened) },
    { key: "clicked", title: "Clicked", sort: "clicked", align: "right", wide: true, render: (row) => share(row.rates.clicked) },
    { key: "unsubscribed", title: "Unsubscribed", sort: "unsubscribed", align: "right", wide: true, render: (row) => share(row.rates.unsubscribed, 2) },
    { key: "revenue", title: "Revenue", sort: "revenue", align: "right", wide: true, render: (row) => money(row.revenue, currency) },
    { key: "menu", title: <VisuallyHidden>What can be done</VisuallyHidden>, width: 52, render: (row) => <FlowMenu flow={row} /> },
  ];
}

function share(value: number | null, digits = 1): string {
  return value === null ? "–" : `${(100 * value).toFixed(digits)} %`;
}

function Name({ flow }: { flow: FlowRow }) {
  return (
    <Stack gap={2} maw={380} miw={150}>
      <Group gap="xs">
        <Text size="sm" fw={600} style={{ overflowWrap: "anywhere" }}>{flow.name}</Text>
        {flow.has_draft && flow.version !== null && <Badge size="sm" color="gray">Unpublished changes</Badge>}
        {flow.in_review > 0 && <Badge size="sm" color="yellow">{count(flow.in_review)} to review</Badge>}
      </Group>
      <Text size="xs" c="dimmed" lineClamp={2}>{flow.trigger ? `Starts when ${flow.trigger}` : capital("no trigger chosen yet")}</Text>
    </Stack>
  );
}

function NothingLikeThis({ clear }: { clear: () => void }) {
  return (
    <Empty icon={IconRoute} title="No flow like this" action={<Button variant="default" onClick={clear}>Clear search and status</Button>}>
      Nothing matches what you search for.
    </Empty>
  );
}

function NoFlows() {
  const inBrand = useInBrand();
  return (
    <Empty icon={IconRoute} title="No flows yet" action={<Button component={Link} to={inBrand("/flows/recipes")} leftSection={<IconSparkles size={16} aria-hidden />}>Start from a recipe</Button>}>
      A flow writes to people when they do something: join a list, look at a product, leave a cart, order. Recipes are complete flows with their emails; you make them your own before anything is sent.
    </Empty>
  );
}
