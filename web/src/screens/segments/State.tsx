// How a segment stands: live, or how far its building is, or why it failed.
import { Group, Progress, Text, Tooltip } from "@mantine/core";

import type { components } from "@/api/schema";
import { StatusBadge } from "@/ui/StatusBadge";

export type Segment = components["schemas"]["SegmentOut"];

export function State({ segment }: { segment: Segment }) {
  if (segment.state === "failed") return <Tooltip label={segment.error ?? "It could not be built."} multiline maw={320}><span><StatusBadge status="failed" /></span></Tooltip>;
  if (segment.state !== "building") return <StatusBadge status={segment.state} />;
  const done = Math.round((segment.progress ?? 0) * 100);
  return (
    <Group gap={8} wrap="nowrap">
      <Progress value={done} w={64} size="sm" aria-label="Built so far" animated />
      <Text size="xs" c="dimmed" className="numbers">{done} %</Text>
    </Group>
  );
}

/** How often to ask again: soon while something is being built. */
export function patience(segments: readonly Segment[] | undefined): number {
  return segments?.some((one) => one.state === "building") ? 1500 : 20_000;
}
