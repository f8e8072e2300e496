// The segment as a CSV file: made in the background, with its progress; fetched for a week.
import { ActionIcon, Anchor, Button, Card, Group, Progress, Stack, Text, Tooltip } from "@mantine/core";
import { IconDownload, IconTrash } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api, link, query } from "@/api/client";
import type { components } from "@/api/schema";
import { tellRefused } from "@/app/notices";
import { count, people, size } from "@/ui/formats";
import { Moment } from "@/ui/Moment";
import { Failed } from "@/ui/states";

import type { Segment } from "./State";

type Export = components["schemas"]["ExportOut"];
const KEY = ["get", "/api/v1/exports"];

export function ExportsCard({ segment, may }: { segment: Segment; may: boolean }) {
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const running = (data: unknown) => (data as { data: Export[] } | undefined)?.data.some((one) => one.state === "running");
  const { data, error } = query.useQuery("get", "/api/v1/exports", { params: { query: { segment_id: segment.id, limit: 5 } } }, { refetchInterval: ({ state }) => (running(state.data) ? 1000 : false) });
  const act = async (call: () => Promise<unknown>) => {
    setBusy(true);
    try {
      await call();
      await client.invalidateQueries({ queryKey: KEY });
    } catch (refused) {
      tellRefused(refused);
    } finally {
      setBusy(false);
    }
  };
  const start = () => act(() => api.POST("/api/v1/segments/{segment_id}/exports", { params: { path: { segment_id: segment.id } }, body: {} }));
  const remove = (one: Export) => act(() => api.DELETE("/api/v1/exports/{export_id}", { params: { path: { export_id: one.id } } }));
  const built = segment.as_of !== null;
  return (
    <Card component="section" aria-label="Exports" p="md">
      <Group justify="space-between" mb={6}>
        <Text component="h2" fw={650} fz="md">Exports</Text>
        {may && (
          <Tooltip label="It can be exported once it has been built." disabled={built}>
            <Button size="compact-sm" variant="light" loading={busy} disabled={!built || running(data)} onClick={() => void start()}>Export as CSV</Button>
          </Tooltip>
        )}
      </Group>
      {error ? <Failed error={error} /> : null}
      {data?.data.length === 0 && <Text size="sm" c="dimmed">A file of everybody in it: addresses, names, consent, and when they entered.</Text>}
      <Stack gap="sm">{data?.data.map((one) => <Line key={one.id} one={one} may={may} onRemove={() => void remove(one)} />)}</Stack>
    </Card>
  );
}

function Line({ one, may, onRemove }: { one: Export; may: boolean; onRemove: () => void }) {
  const running = one.state === "running";
  return (
    <Group justify="space-between" wrap="nowrap" gap="xs" align="flex-start">
      <div style={{ flex: 1, minWidth: 0 }}>
        {one.url && may ? (
          <Anchor href={link(one.url)} download size="sm" fw={550}><Group gap={6} component="span"><IconDownload size={15} aria-hidden />{people(one.rows)}, {size(one.bytes)}</Group></Anchor>
        ) : (
          <Text size="sm" fw={550}>{running ? `${count(one.rows)} of about ${people(one.total)}` : one.state === "done" ? `${people(one.rows)}, ${size(one.bytes)}` : one.state === "expired" ? "Was removed after a week" : "Could not be made"}</Text>
        )}
        {running && <Progress value={one.total > 0 ? (100 * one.rows) / one.total : 0} size="sm" my={4} animated aria-label="Written so far" />}
        <Text size="xs" c="dimmed">Made <Moment at={one.created_at} />{one.expires_at && one.state === "done" && <>, kept until <Moment at={one.expires_at} as="date" /></>}</Text>
        {one.error && <Text size="xs" c="red">{one.error}</Text>}
      </div>
      {may && <ActionIcon size="sm" aria-label={running ? "Stop this export" : "Remove this export"} onClick={onRemove}><IconTrash size={15} /></ActionIcon>}
    </Group>
  );
}
