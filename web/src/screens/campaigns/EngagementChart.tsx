// When people opened and clicked for the first time.
import "@mantine/charts/styles.layer.css";

import { Text } from "@mantine/core";
import { lazy } from "react";

import { ChartCard } from "@/ui/ChartCard";

import { type Point, pointsOf } from "./curve";
import type { Report } from "./shapes";

const AreaChart = lazy(async () => ({ default: (await import("@mantine/charts")).AreaChart }));
const BarChart = lazy(async () => ({ default: (await import("@mantine/charts")).BarChart }));

/** So few points are no curve yet. */
const FEW = 4;

export function EngagementChart({ report }: { report: Report }) {
  const { by, points } = pointsOf(report.curve, report.timezone);
  const description = `People who opened or clicked for the first time, by ${by} in ${report.timezone}`;
  const touched = points.some((one) => one.opened > 0 || one.clicked > 0);
  return (
    <ChartCard
      title="Opens and clicks"
      description={description}
      table={touched ? { head: [by === "hour" ? "Hour" : "Day", "Opened", "Clicked"], rows: points.map((one) => [one.label, one.opened, one.clicked]) } : undefined}
    >
      {touched ? (
        <Chart points={points} />
      ) : <Text size="sm" c="dimmed">Nobody has opened or clicked it yet.</Text>}
    </ChartCard>
  );
}

function Chart({ points }: { points: Point[] }) {
  const shared = {
    h: 240,
    data: points,
    dataKey: "label",
    series: [{ name: "opened", label: "Opened", color: "water.6" }, { name: "clicked", label: "Clicked", color: "violet.6" }],
    withLegend: true,
    legendProps: { verticalAlign: "top", height: 36 },
    xAxisProps: { minTickGap: 40 },
    yAxisProps: { allowDecimals: false, width: 44 },
  } as const;
  // The card holds the numbers as a table; the drawing takes no keyboard focus.
  const still = { accessibilityLayer: false };
  if (points.length < FEW) return <BarChart {...shared} series={[...shared.series]} maxBarWidth={48} barChartProps={still} />;
  return <AreaChart {...shared} series={[...shared.series]} curveType="monotone" withDots={false} areaChartProps={still} />;
}
