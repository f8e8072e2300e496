// How the list grows: who joined and who left.
import { Group, Text } from "@mantine/core";
import { lazy } from "react";

import { ChartCard } from "@/ui/ChartCard";
import { count } from "@/ui/formats";

import { buckets, type Overview, unitOf } from "./buckets";

const GrowthChart = lazy(() => import("./GrowthChart"));

export function GrowthCard({ overview }: { overview: Overview }) {
  const points = buckets(overview.days);
  const unit = unitOf(overview.days);
  const net = overview.now.new_subscribers - overview.now.lost_subscribers;
  return (
    <ChartCard
      title="List growth"
      description={`People a ${unit}`}
      height={190}
      actions={<Group gap={6} align="baseline"><Text fw={650} className="numbers">{net > 0 ? "+" : net < 0 ? "−" : ""}{count(Math.abs(net))}</Text><Text size="sm" c="dimmed">net</Text></Group>}
      table={{ head: [unit === "day" ? "Day" : "Week", "Joined", "Left"], rows: points.map((one) => [one.label, one.joined, one.left]) }}
    >
      <GrowthChart points={points} />
    </ChartCard>
  );
}
