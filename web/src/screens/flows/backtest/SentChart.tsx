// What each step would have sent, day by day.
import "@mantine/charts/styles.layer.css";

import { BarChart } from "@mantine/charts";

import { count } from "@/ui/formats";

const shortly = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });
const short = (day: string) => shortly.format(new Date(`${day}T00:00:00Z`));
const COLORS = ["water.6", "indigo.5", "orange.5", "grape.5", "cyan.6", "pink.5", "lime.6", "blue.5"];

interface Props {
  days: { day: string; sent: Record<string, number> }[];
  names: ReadonlyMap<string, string>;
}

export default function SentChart({ days, names }: Props) {
  const steps = Object.keys(days[0]?.sent ?? {});
  return (
    <BarChart
      h={260}
      barChartProps={{ accessibilityLayer: false }}
      data={days.map(({ day, sent }) => ({ day, ...sent }))}
      dataKey="day"
      type="stacked"
      withLegend
      legendProps={{ verticalAlign: "bottom" }}
      gridAxis="x"
      tickLine="none"
      maxBarWidth={28}
      valueFormatter={count}
      xAxisProps={{ minTickGap: 40, tickFormatter: short }}
      yAxisProps={{ allowDecimals: false, width: 44 }}
      series={steps.map((name, index) => ({ name, label: names.get(name) ?? name, color: COLORS[index % COLORS.length]! }))}
    />
  );
}
