// How far a job that adds people is, and what came of it.
import { Alert, CloseButton, Group, Progress, Stack, Text } from "@mantine/core";

import { count, people } from "@/ui/formats";

import type { Job } from "./useJob";

export function JobBar({ job, onClose }: { job: Job; onClose: () => void }) {
  const running = job.state === "running";
  const what = job.kind === "backfill" ? "Filling the flow from the past" : "Adding people";
  const title = running ? what : job.state === "failed" ? "Not everybody was added" : `${people(job.entered)} came in`;
  return (
    <Alert color={job.state === "failed" ? "red" : running ? "blue" : "green"} mb="md" role="status">
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <Stack gap={6} style={{ flex: 1 }}>
          <Text fw={600} size="sm">{title}</Text>
          {running && <Progress value={job.total ? (100 * job.done) / job.total : 100} animated={!job.total} aria-label="Progress" />}
          <Text size="sm">
            {job.error ?? `${count(job.done)}${job.total ? ` of about ${count(job.total)}` : ""} looked at, ${count(job.entered)} came in.${running ? " You can leave this page; it goes on." : ""}`}
          </Text>
        </Stack>
        {!running && <CloseButton aria-label="Close" onClick={onClose} />}
      </Group>
    </Alert>
  );
}
