// Revenue by what it is owed to: flows or campaigns. The chart itself loads when it is shown.
import { Group, Text } from "@mantine/core";
import { lazy } from "react";

import { ChartCard } from "@/ui/ChartCard";
import { money, rate } from "@/ui/formats";

import { buckets, type Overview, unitOf } from "./buckets";

const RevenueChart = lazy(() => import("./RevenueChart"));

export function RevenueCard({ overview }: { overview: Overview }) {
  const { now, currency, days } = overview;
  const points = buckets(days);
  const unit = unitOf(days);
  const cash = (value: number) => money(value, currency);
  return (
    <ChartCard
      title="Revenue by source"
      description={`${currency} a ${unit}, by the ${unit} of the order`}
      height={290}
      actions={
        <Group gap="lg">
          <Share label="Flows" value={cash(now.revenue_flows)} share={rate(now.revenue_flows, now.revenue, 0)} />
          <Share label="Campaigns" value={cash(now.revenue_campaigns)} share={rate(now.revenue_campaigns, now.revenue, 0)} />
        </Group>
      }
      table={{ head: [unit === "day" ? "Day" : "Week", "Flows", "Campaigns"], rows: points.map((one) => [one.label, cash(one.flows), cash(one.campaigns)]) }}
    >
      <RevenueChart points={points} currency={currency} />
    </ChartCard>
  );
}

function Share({ label, value, share }: { label: string; value: string; share: string }) {
  return (
    <div>
      <Text size="xs" c="dimmed">{label}</Text>
      <Text size="sm" fw={600} className="numbers">{value} <Text span inherit c="dimmed" fw={400}>{share}</Text></Text>
    </div>
  );
}
