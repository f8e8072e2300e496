// The curve of a segment's size. Loaded when it is seen: charts are heavy.
import "@mantine/charts/styles.layer.css";

import { AreaChart } from "@mantine/charts";

import type { components } from "@/api/schema";
import { compact, count } from "@/ui/formats";

interface Props {
  days: components["schemas"]["Day"][];
  height: number;
}

const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });

export default function GrowthChart({ days, height }: Props) {
  const data = days.map((one) => ({ day: day.format(new Date(`${one.day}T00:00:00Z`)), people: one.members }));
  return (
    <AreaChart
      h={height}
      data={data}
      dataKey="day"
      curveType="monotone"
      gridAxis="x"
      tickLine="none"
      // Its numbers stand in a table beside it: nothing in the picture takes the focus.
      areaChartProps={{ accessibilityLayer: false }}
      withDots={data.length < 3}
      valueFormatter={count}
      yAxisProps={{ width: 48, allowDecimals: false, tickFormatter: compact, domain: ["auto", "auto"] }}
      xAxisProps={{ minTickGap: 40 }}
      series={[{ name: "people", label: "People", color: "water.6" }]}
    />
  );
}
