// The coupons that emails show: how far they are used, new ones, and fresh codes for pools.
import { Button, Code, Group, Stack, Text } from "@mantine/core";
import { IconPlus, IconTicket } from "@tabler/icons-react";
import { useState } from "react";

import { query } from "@/api/client";
import type { components } from "@/api/schema";
import { useAddress } from "@/app/address";
import { useMay } from "@/app/session";
import { type Column, DataTable } from "@/ui/DataTable";
import { count, counted, rate } from "@/ui/formats";
import { Moment } from "@/ui/Moment";
import { PageHeader } from "@/ui/PageHeader";
import { SearchField } from "@/ui/SearchField";
import { Empty } from "@/ui/states";
import { StatusBadge } from "@/ui/StatusBadge";

import { AddCodes } from "./AddCodes";
import { CouponDrawer } from "./CouponDrawer";
import { PART, useParts } from "./listing";

export type Coupon = components["schemas"]["CouponOut"];

export const KINDS: Record<string, string> = { static: "One code for everyone", generated: "A code of their own, made when sent", pool: "A code of their own, from a list" };

export function CouponsScreen() {
  const may = useMay("marketer");
  const [{ q = "" }, setAddress] = useAddress<{ q?: string; page?: string }>();
  const { cursor, paging } = useParts();
  const [opened, setOpened] = useState(false);
  const [filling, setFilling] = useState<Coupon | null>(null);
  const { data, error, isFetching, refetch } = query.useQuery("get", "/api/v1/coupons", { params: { query: { q, cursor: cursor ?? null, limit: PART } } }, { placeholderData: (before) => before });
  const make = may && <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setOpened(true)}>New coupon</Button>;
  return (
    <>
      <PageHeader title="Coupons" description="Emails show them by name; each person gets their code when the email is sent." actions={make} />
      <DataTable
        label="Coupons"
        columns={columns(may ? setFilling : null)}
        rows={data?.data}
        rowKey={(one) => one.id}
        loading={isFetching}
        error={error}
        retry={() => void refetch()}
        paging={paging(data)}
        toolbar={<SearchField label="Search names and codes" value={q} onChange={(value) => setAddress({ q: value, page: undefined })} />}
        empty={
          q ? (
            <Empty icon={IconTicket} title="No coupon fits">Try fewer letters of its name or code.</Empty>
          ) : (
            <Empty icon={IconTicket} title="No coupons yet" action={make || undefined}>One code for everyone, or a code for each person: made by Headwater, or from a list that you bring. Emails show it with {"{% coupon_code 'NAME' %}"}.</Empty>
          )
        }
      />
      <CouponDrawer opened={opened} onClose={() => setOpened(false)} />
      <AddCodes coupon={filling} onClose={() => setFilling(null)} />
    </>
  );
}

function columns(onFill: ((coupon: Coupon) => void) | null): Column<Coupon>[] {
  return [
    {
      key: "name",
      title: "Name",
      render: (one) => (
        <Stack gap={0} maw={380}>
          <Text size="sm" fw={600} style={{ overflowWrap: "anywhere" }}>{one.name}</Text>
          <Text size="xs" c="dimmed">{KINDS[one.kind] ?? one.kind}</Text>
        </Stack>
      ),
    },
    { key: "code", title: "Code", wide: true, render: (one) => <Shown coupon={one} /> },
    { key: "lasts", title: "Ends", wide: true, render: (one) => <Ends coupon={one} /> },
    { key: "assigned", title: "Given to", align: "right", render: (one) => <Text size="sm" span style={{ whiteSpace: "nowrap" }}>{counted(one.assigned, "person", "people")}</Text> },
    {
      key: "redeemed",
      title: "Used",
      align: "right",
      wide: true,
      render: (one) => <Text size="sm" span title="Share of those it was given to">{count(one.redeemed)} <Text span size="xs" c="dimmed">({rate(one.redeemed, one.assigned)})</Text></Text>,
    },
    { key: "left", title: "Left", align: "right", render: (one) => <Left coupon={one} onFill={onFill} /> },
  ];
}

function Shown({ coupon }: { coupon: Coupon }) {
  if (coupon.kind === "static") return <Code>{coupon.code}</Code>;
  if (coupon.kind === "generated") return <Code>{coupon.code ?? coupon.name}-…</Code>;
  return <Text size="sm" c="dimmed">From the list</Text>;
}

function Ends({ coupon }: { coupon: Coupon }) {
  if (coupon.expires_after_hours) return <Text size="sm">{span(coupon.expires_after_hours)} after it is given</Text>;
  if (coupon.expires_at) return <Moment at={coupon.expires_at} size="sm" />;
  return <Text size="sm" c="dimmed">Never</Text>;
}

function Left({ coupon, onFill }: { coupon: Coupon; onFill: ((coupon: Coupon) => void) | null }) {
  if (coupon.remaining === null) return <Text size="sm" c="dimmed" style={{ whiteSpace: "nowrap" }}>No limit</Text>;
  return (
    <Group gap="xs" justify="flex-end" wrap="nowrap">
      {coupon.remaining === 0 ? <StatusBadge status="failed" label="None: emails with it are skipped" /> : <span>{count(coupon.remaining)}</span>}
      {onFill && <Button size="compact-xs" variant="default" onClick={() => onFill(coupon)}>Add codes</Button>}
    </Group>
  );
}

/** 72 hours as "3 days". */
export function span(hours: number): string {
  return hours % 24 === 0 ? counted(hours / 24, "day") : counted(hours, "hour");
}
