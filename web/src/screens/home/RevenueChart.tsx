// The curve of revenue, flows and campaigns stacked.
import "@mantine/charts/styles.layer.css";

import { AreaChart } from "@mantine/charts";

import { money } from "@/ui/formats";

import type { Bucket } from "./buckets";

export default function RevenueChart({ points, currency }: { points: Bucket[]; currency: string }) {
  const short = new Intl.NumberFormat("en", { style: "currency", currency, notation: "compact", maximumFractionDigits: 1 });
  return (
    <AreaChart
      h={290}
      areaChartProps={{ accessibilityLayer: false }}
      data={points}
      dataKey="label"
      type="stacked"
      curveType="monotone"
      withLegend
      legendProps={{ verticalAlign: "bottom", height: 28 }}
      withDots={false}
      strokeWidth={2}
      fillOpacity={0.28}
      gridAxis="x"
      tickLine="none"
      valueFormatter={(value) => money(value, currency)}
      yAxisProps={{ width: 56, tickFormatter: (value: number) => short.format(value) }}
      xAxisProps={{ minTickGap: 40, padding: { left: 8, right: 8 } }}
      series={[
        { name: "flows", label: "Flows", color: "water.6" },
        { name: "campaigns", label: "Campaigns", color: "indigo.5" },
      ]}
    />
  );
}
