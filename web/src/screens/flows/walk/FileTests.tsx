// The tests that stand in the flow's definition, run when asked.
import { Button, Card, Group, Text, Title } from "@mantine/core";

import { query } from "@/api/client";
import { Failed, LoadingRows } from "@/ui/states";

import { TestResults } from "../TestResults";

export function FileTests({ slug, version }: { slug: string; version: "live" | "draft" }) {
  const found = query.useQuery("post", "/api/v1/flows/{slug}/tests", { params: { path: { slug } }, body: { version } }, { retry: false });
  const passed = found.data?.filter((one) => one.passed).length ?? 0;
  return (
    <Card component="section" aria-label="The flow's own tests" mt="md">
      <Group justify="space-between" mb="sm">
        <div>
          <Title order={2} fz="md">The flow's own tests</Title>
          <Text size="sm" c="dimmed">{found.data && found.data.length > 0 ? `${passed} of ${found.data.length} pass.` : "Made-up people and events with what is expected of the flow."}</Text>
        </div>
        <Button size="xs" variant="default" loading={found.isFetching} onClick={() => void found.refetch()}>Run again</Button>
      </Group>
      {found.isError ? <Failed error={found.error} retry={() => void found.refetch()} /> : !found.data ? <LoadingRows rows={3} height={20} /> : found.data.length > 0 ? <TestResults results={found.data} /> : <Text size="sm">This version has none. They are written in its flow file, under <code>tests</code>.</Text>}
    </Card>
  );
}
