// Bars above the line for who joined, below it for who left.
import "@mantine/charts/styles.layer.css";

import { BarChart } from "@mantine/charts";

import { count } from "@/ui/formats";

import type { Bucket } from "./buckets";

export default function GrowthChart({ points }: { points: Bucket[] }) {
  const data = points.map((one) => ({ label: one.label, joined: one.joined, left: -one.left }));
  return (
    <BarChart
      h={190}
      data={data}
      dataKey="label"
      type="stacked"
      gridAxis="x"
      tickLine="none"
      withLegend
      legendProps={{ verticalAlign: "bottom", height: 28 }}
      valueFormatter={(value) => count(Math.abs(value))}
      yAxisProps={{ width: 36, allowDecimals: false }}
      xAxisProps={{ minTickGap: 40 }}
      barProps={{ radius: 2 }}
      barChartProps={{ stackOffset: "sign", accessibilityLayer: false }}
      series={[
        { name: "joined", label: "Joined", color: "water.6" },
        { name: "left", label: "Left", color: "orange.5" },
      ]}
    />
  );
}
