// How a segment has grown day by day, and who entered and left.
import { Center, Group, SegmentedControl, Skeleton, Text } from "@mantine/core";
import { lazy } from "react";

import { query } from "@/api/client";
import { useAddress } from "@/app/address";
import { ChartCard } from "@/ui/ChartCard";
import { count, people } from "@/ui/formats";
import { Failed } from "@/ui/states";

import type { Segment } from "./State";

const GrowthChart = lazy(() => import("./GrowthChart"));

const SPANS = [
  { value: "30", label: "30 days" },
  { value: "90", label: "90 days" },
];
const HEIGHT = 220;

export function GrowthCard({ segment }: { segment: Segment }) {
  const [{ days = "30" }, setAddress] = useAddress<{ days: string }>();
  const found = query.useQuery("get", "/api/v1/segments/{segment_id}/growth", { params: { path: { segment_id: segment.id } } }, { staleTime: 30_000 });
  const shown = found.data?.slice(-Number(days)) ?? [];
  const entered = shown.reduce((sum, one) => sum + one.entered, 0);
  const left = shown.reduce((sum, one) => sum + one.left, 0);
  const retry = () => void found.refetch();
  return (
    <ChartCard
      title="Growth"
      description={shown.length > 1 ? `People at the end of each day. ${count(entered)} entered, ${count(left)} left.` : undefined}
      height={HEIGHT}
      actions={<Group gap="xs"><SegmentedControl size="xs" aria-label="Span of the chart" data={SPANS} value={days} onChange={(next) => setAddress({ days: next })} /></Group>}
      table={{ head: ["Day", "People", "Entered", "Left"], rows: shown.map((one) => [one.day, one.members, one.entered, one.left]) }}
    >
      {found.isError ? <Failed error={found.error} retry={retry} /> : found.isPending ? <Skeleton height={HEIGHT} /> : shown.length < 2 ? (
        <Center h={120}><Text size="sm" c="dimmed">{shown[0] ? `${people(shown[0].members)} on its first day. The curve begins with the second.` : "The curve begins when it has been built."}</Text></Center>
      ) : (
        <GrowthChart days={shown} height={HEIGHT} />
      )}
    </ChartCard>
  );
}
