// What the reports of flows and of campaigns have in common: the span, the sums, the lines, and what the numbers mean.
import { Text } from "@mantine/core";
import { type Icon } from "@tabler/icons-react";
import { keepPreviousData } from "@tanstack/react-query";
import type { ReactNode } from "react";

import { query } from "@/api/client";
import { count, money, rate } from "@/ui/formats";
import { Empty } from "@/ui/states";

import { ReportHeader } from "./ReportHeader";
import { type Report, ReportTable } from "./ReportTable";
import { type Total, Totals } from "./Totals";
import { useSpan } from "./useSpan";

type Kind = "flows" | "campaigns";

interface Props {
  kind: Kind;
  empty: { icon: Icon; title: string; words: ReactNode; action: ReactNode };
}

const NAMES: Record<Kind, string> = { flows: "Flows", campaigns: "Campaigns" };

export function EarningsReport({ kind, empty }: Props) {
  const [span, setSpan] = useSpan();
  const path = `/api/v1/reports/${kind}` as const;
  const found = query.useQuery("get", path, { params: { query: span } }, { placeholderData: keepPreviousData });
  const { data: report, error } = found;
  return (
    <>
      <ReportHeader title={`${NAMES[kind]} report`} path={path} span={span} onSpan={setSpan} shown={report} />
      {!error && <Totals totals={report && sums(report)} />}
      <ReportTable
        label={NAMES[kind]}
        kind={kind}
        report={report}
        loading={found.isPending || found.isPlaceholderData}
        error={error}
        retry={() => void found.refetch()}
        empty={<Empty icon={empty.icon} title={empty.title} action={empty.action}>{empty.words}</Empty>}
      />
      <Text size="sm" c="dimmed" mt="md" maw={760}>
        Emails count on the day they left, with what became of them until now. Opens, clicks, orders, unsubscribes and spam reports are
        of what was delivered; bounces of recipients. Opens by machines are left out. An order counts for the email that
        its customer opened or clicked last, within five days before it, on the day of the order.
      </Text>
    </>
  );
}

function sums({ whole, currency }: Report): Total[] {
  return [
    { label: "Recipients", value: count(whole.sent), note: `${rate(whole.delivered, whole.sent)} delivered; ${count(whole.skipped)} skipped` },
    { label: "Opened", value: rate(whole.opened, whole.delivered), note: `${count(whole.opened)} of delivered` },
    { label: "Clicked", value: rate(whole.clicked, whole.delivered), note: `${count(whole.clicked)} of delivered` },
    { label: "Ordered", value: rate(whole.conversions, whole.delivered, 2), note: `${count(whole.conversions)} orders` },
    { label: "Revenue", value: money(whole.revenue, currency), note: whole.average_order_value === null ? undefined : `${money(whole.average_order_value, currency)} an order` },
    { label: "Revenue a recipient", value: whole.revenue_per_recipient === null ? "–" : money(whole.revenue_per_recipient, currency), note: "of all recipients" },
  ];
}
