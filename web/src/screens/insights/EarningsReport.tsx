// What flows and campaigns reports have in common: the sums, the lines, and what the numbers mean.
import { Text } from "@mantine/core";
import { type Icon } from "@tabler/icons-react";
import type { ReactNode } from "react";

import { count, money, rate } from "@/ui/formats";
import { Empty } from "@/ui/states";

import { type Report, ReportTable } from "./ReportTable";
import { type Total, Totals } from "./Totals";

interface Props {
  kind: "flows" | "campaigns";
  report: Report | undefined;
  stale: boolean;
  loading: boolean;
  error: unknown;
  retry: () => void;
  empty: { icon: Icon; title: string; words: ReactNode; action?: ReactNode };
}

export function EarningsReport({ kind, report, stale, loading, error, retry, empty }: Props) {
  return (
    <>
      {!error && <Totals totals={report && sums(report)} />}
      <ReportTable
        label={kind === "flows" ? "Flows" : "Campaigns"}
        kind={kind}
        report={report}
        loading={loading || stale}
        error={error}
        retry={retry}
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
