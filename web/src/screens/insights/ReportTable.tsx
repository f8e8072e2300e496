// Flows or campaigns side by side. Rates stand over what was delivered, unless the head says otherwise.
import { Anchor, Text, Tooltip } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

import type { components } from "@/api/schema";
import { useAddress } from "@/app/address";
import { useInBrand } from "@/app/places";
import { type Column, DataTable } from "@/ui/DataTable";
import { count, money, rate } from "@/ui/formats";
import { Moment } from "@/ui/Moment";
import { StatusBadge } from "@/ui/StatusBadge";

import classes from "./insights.module.css";
import { sorted, type Sortable } from "./sorting";

export type Report = components["schemas"]["ReportOut"];
export type Line = Report["lines"][number];

const READ: Record<string, (line: Line) => Sortable> = {
  name: (line) => line.name,
  send_at: (line) => line.send_at,
  sent: (line) => line.sent,
  opened: (line) => line.rates.opened,
  clicked: (line) => line.rates.clicked,
  conversions: (line) => line.rates.converted,
  revenue: (line) => line.revenue,
  per_recipient: (line) => line.revenue_per_recipient,
  unsubscribed: (line) => line.rates.unsubscribed,
  bounced: (line) => line.rates.bounced,
  complained: (line) => line.rates.complained,
};

interface Props {
  label: string;
  report: Report | undefined;
  kind: "flows" | "campaigns";
  loading: boolean;
  error: unknown;
  retry: () => void;
  empty: ReactNode;
}

export function ReportTable({ label, report, kind, loading, error, retry, empty }: Props) {
  const [{ sort = "-revenue" }, setAddress] = useAddress<{ sort: string }>();
  const inBrand = useInBrand();
  const columns: Column<Line>[] = [
    {
      key: "name", title: kind === "flows" ? "Flow" : "Campaign", sort: "name",
      render: (line) => (
        <div className={classes.name}>
          <Anchor component={Link} to={inBrand(`/${kind}/${line.ref}`)} size="sm" fw={550} lineClamp={2}>{line.name}</Anchor>
          {kind === "campaigns" && <Text size="xs" c="dimmed"><Moment at={line.send_at} /></Text>}
        </div>
      ),
    },
    ...(kind === "flows" ? [{ key: "status", title: "Status", render: (line: Line) => <StatusBadge status={line.status} />, width: 90 }] : []),
    { key: "sent", title: "Recipients", sort: "sent", align: "right", render: (line) => count(line.sent) },
    { key: "opened", title: "Opened", sort: "opened", align: "right", render: (line) => share(line.rates.opened, line.opened) },
    { key: "clicked", title: "Clicked", sort: "clicked", align: "right", render: (line) => share(line.rates.clicked, line.clicked) },
    { key: "conversions", title: "Ordered", sort: "conversions", align: "right", render: (line) => share(line.rates.converted, line.conversions, 2) },
    { key: "revenue", title: "Revenue", sort: "revenue", align: "right", render: (line) => money(line.revenue, report!.currency) },
    { key: "per_recipient", title: head("Each", "revenue a recipient"), sort: "per_recipient", align: "right", render: (line) => (line.revenue_per_recipient === null ? "–" : money(line.revenue_per_recipient, report!.currency)) },
    { key: "unsubscribed", title: "Unsubscribed", sort: "unsubscribed", align: "right", render: (line) => share(line.rates.unsubscribed, line.unsubscribed, 2) },
    { key: "bounced", title: head("Bounced", "of recipients"), sort: "bounced", align: "right", render: (line) => share(line.rates.bounced, line.bounced, 2) },
    { key: "complained", title: "Spam", sort: "complained", align: "right", render: (line) => share(line.rates.complained, line.complained, 2) },
  ];
  return (
    <DataTable
      label={label}
      columns={columns}
      rows={report && sorted(report.lines, sort, READ)}
      rowKey={(line) => line.ref}
      loading={loading}
      error={error}
      retry={retry}
      empty={empty}
      sorting={{ value: sort, onChange: (next) => setAddress({ sort: next === "-revenue" ? undefined : next }) }}
    />
  );
}

/** A share with the number behind it. */
export function share(value: number | null, number: number, digits = 1): ReactNode {
  if (value === null) return <Text span inherit c="dimmed">–</Text>;
  return <Tooltip label={count(number)}><span>{rate(value, 1, digits)}</span></Tooltip>;
}

function head(word: string, of: string): ReactNode {
  return <Tooltip label={of}><span aria-label={`${word}, ${of}`}>{word}</span></Tooltip>;
}
