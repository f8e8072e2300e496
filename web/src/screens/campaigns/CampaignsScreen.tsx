// Campaigns as a list: by status, searched, with what became of each.
import { Button, Group, Menu, Progress, Stack, Tabs, Text, VisuallyHidden } from "@mantine/core";
import { IconCalendarEvent, IconChevronDown, IconMail, IconMailPlus, IconTimeline } from "@tabler/icons-react";
import { keepPreviousData } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { query } from "@/api/client";
import { useAddress } from "@/app/address";
import { useInBrand } from "@/app/places";
import { useBrand, useMay } from "@/app/session";
import { type Column, DataTable } from "@/ui/DataTable";
import { count, money, rate } from "@/ui/formats";
import { Moment } from "@/ui/Moment";
import { PageHeader } from "@/ui/PageHeader";
import { SearchField } from "@/ui/SearchField";
import { Empty } from "@/ui/states";
import { StatusBadge } from "@/ui/StatusBadge";
import { TabRow } from "@/ui/TabRow";

import { RowMenu } from "./RowMenu";
import { MOVING, type Row } from "./shapes";

const PAGE = 50;
const TABS = {
  all: { label: "All", status: "" },
  draft: { label: "Drafts", status: "draft" },
  scheduled: { label: "Scheduled", status: "scheduled,adding_recipients,sending,paused" },
  sent: { label: "Sent", status: "sent" },
  stopped: { label: "Cancelled", status: "cancelled,no_recipients" },
} as const;
type Tab = keyof typeof TABS;

const isTab = (given: string): given is Tab => given in TABS;

export function CampaignsScreen() {
  const inBrand = useInBrand();
  const mayChange = useMay("marketer");
  const [{ tab: given = "all", q = "", sort = "newest", at = "" }, setAddress] = useAddress();
  const tab = isTab(given) ? given : "all";
  // The cursors of the pages before this one, so that one can go back.
  const trail = at ? at.split(".") : [];
  const list = query.useQuery(
    "get",
    "/api/v1/campaigns",
    { params: { query: { q, sort, status: TABS[tab].status, limit: PAGE, cursor: trail.at(-1) ?? null } } },
    {
      placeholderData: keepPreviousData,
      refetchInterval: (state) => (state.state.data?.data.some((one) => MOVING.includes(one.status)) ? 10_000 : false),
    },
  );
  const rows = list.data?.data;
  const first = trail.length * PAGE + 1;
  return (
    <>
      <PageHeader
        title="Campaigns"
        description="One-time emails to lists and segments."
        actions={
          <>
            <Button variant="default" component={Link} to={inBrand("/campaigns/calendar")} leftSection={<IconCalendarEvent size={16} aria-hidden />}>Calendar</Button>
            {mayChange && <NewMenu />}
          </>
        }
      />
      <Tabs value={tab} onChange={(value) => setAddress({ tab: value === "all" ? undefined : (value ?? undefined), at: undefined })} keepMounted={false}>
        <TabRow label="Campaigns by status" tabs={Object.entries(TABS).map(([name, { label }]) => [name, label])} open={tab} />
        <Tabs.Panel value={tab}>
          <DataTable
            label="Campaigns"
            columns={useColumns()}
            rows={rows}
            rowKey={(row) => row.id}
            rowLink={(row) => inBrand(row.status === "draft" ? `/campaigns/${row.id}/edit` : `/campaigns/${row.id}`)}
            loading={list.isFetching && (list.isPlaceholderData || !rows)}
            error={list.error}
            retry={() => void list.refetch()}
            sorting={{ value: sort, onChange: (value) => setAddress({ sort: value, at: undefined }) }}
            toolbar={<SearchField label="Search campaigns" value={q} onChange={(value) => setAddress({ q: value, at: undefined })} />}
            empty={<Nothing searched={q} tab={tab} />}
            paging={rows && {
              label: rows.length > 0 ? `${count(first)}–${count(first + rows.length - 1)}` : "",
              onPrevious: trail.length > 0 ? () => setAddress({ at: trail.slice(0, -1).join(".") }) : undefined,
              onNext: list.data?.next ? () => setAddress({ at: [...trail, list.data.next].join(".") }) : undefined,
            }}
          />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}

function NewMenu() {
  const inBrand = useInBrand();
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button leftSection={<IconMailPlus size={16} aria-hidden />} rightSection={<IconChevronDown size={14} aria-hidden />}>New</Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item component={Link} to={inBrand("/campaigns/new")} leftSection={<IconMail size={16} aria-hidden />}>
          Campaign
          <Text size="xs" c="dimmed">One email, at one time</Text>
        </Menu.Item>
        <Menu.Item component={Link} to={inBrand("/series/new")} leftSection={<IconTimeline size={16} aria-hidden />}>
          Series
          <Text size="xs" c="dimmed">A sale over several days; who buys is left out</Text>
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function Nothing({ searched, tab }: { searched: string; tab: Tab }) {
  const inBrand = useInBrand();
  const mayChange = useMay("marketer");
  if (searched) return <Empty icon={IconMail} title="No campaign has this name">Nothing matches “{searched}” here. Try a shorter word, or look under All.</Empty>;
  if (tab !== "all") return <Empty icon={IconMail} title="Nothing here">No campaign is in this state at the moment.</Empty>;
  return (
    <Empty
      icon={IconMail}
      title="Send your first campaign"
      action={mayChange && <Button component={Link} to={inBrand("/campaigns/new")}>New campaign</Button>}
    >
      Choose who gets it, choose the email, and see every warning before anything leaves.
    </Empty>
  );
}

function useColumns(): Column<Row>[] {
  const { currency } = useBrand();
  return [
    { key: "name", title: "Campaign", sort: "name", rising: true, render: (row) => <Name row={row} /> },
    { key: "status", title: "Status", width: 150, wide: true, render: (row) => <StatusBadge status={row.status} /> },
    { key: "when", title: "When", sort: "when", width: 180, wide: true, render: (row) => (row.send_at ? <Moment at={row.send_at} style={{ whiteSpace: "nowrap" }} /> : <Text span inherit c="dimmed">No time yet</Text>) },
    { key: "recipients", title: "Recipients", sort: "recipients", align: "right", render: (row) => (row.figures ? count(row.figures.recipients) : "–") },
    { key: "opened", title: "Opened", align: "right", wide: true, width: 130, render: (row) => <Share part={row.figures?.opened} of={row.figures?.delivered} /> },
    { key: "clicked", title: "Clicked", align: "right", wide: true, width: 130, render: (row) => <Share part={row.figures?.clicked} of={row.figures?.delivered} /> },
    { key: "revenue", title: "Revenue", align: "right", wide: true, render: (row) => (row.figures ? money(row.figures.revenue, currency) : "–") },
    { key: "menu", title: <VisuallyHidden>Actions</VisuallyHidden>, width: 48, align: "right", render: (row) => <RowMenu campaign={row} /> },
  ];
}

function Name({ row }: { row: Row }) {
  const inBrand = useInBrand();
  return (
    <Stack gap={0} miw={{ sm: 220 }} maw={400}>
      <Text fw={550} size="sm" lineClamp={2} style={{ overflowWrap: "anywhere" }}>{row.name}</Text>
      <Group hiddenFrom="sm" gap={6} mt={4}><StatusBadge status={row.status} />{row.send_at && <Text size="xs" c="dimmed"><Moment at={row.send_at} as="date" /></Text>}</Group>
      {row.series_id && (
        <Text
          size="xs"
          c="dimmed"
          component={Link}
          to={inBrand(`/series/${row.series_id}`)}
          onClick={(event: React.MouseEvent) => event.stopPropagation()}
          td="underline"
          w="fit-content"
          maw="100%"
          lineClamp={1}
          style={{ overflowWrap: "anywhere" }}
        >
          Part {row.position} of {row.series ?? "a series"}
        </Text>
      )}
    </Stack>
  );
}

/** A share of the delivered, with a bar to compare by. */
function Share({ part, of }: { part: number | undefined; of: number | undefined }) {
  if (part === undefined || of === undefined) return "–";
  const value = of > 0 ? (100 * part) / of : 0;
  return (
    <Group gap={8} justify="flex-end" wrap="nowrap" title={`${count(part)} of ${count(of)} delivered`}>
      <Progress value={value} w={44} size="sm" aria-hidden />
      <Text span inherit>{rate(part, of)}</Text>
    </Group>
  );
}
