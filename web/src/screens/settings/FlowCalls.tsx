// The newest calls of one flow, each with what became of it.
import { Drawer, Paper, Stack, Text } from "@mantine/core";

import { query } from "@/api/client";
import type { components } from "@/api/schema";
import { counted } from "@/ui/formats";
import { Moment } from "@/ui/Moment";
import { Failed, LoadingRows } from "@/ui/states";
import { StatusBadge } from "@/ui/StatusBadge";

import classes from "./settings.module.css";

type Call = components["schemas"]["FlowCallOut"];

const NEWEST = 50;
const STATES: Record<string, string> = { planned: "Waiting", claimed: "Being called", done: "Done", failed: "Failed" };

export function FlowCalls({ flow, onClose }: { flow: { flow: string; flow_name: string } | null; onClose: () => void }) {
  return (
    <Drawer opened={flow !== null} onClose={onClose} position="right" size="min(560px, 100%)" title={`Calls of ${flow?.flow_name ?? ""}`} closeButtonProps={{ "aria-label": "Close" }}>
      {flow && <Calls slug={flow.flow} />}
    </Drawer>
  );
}

function Calls({ slug }: { slug: string }) {
  const found = query.useQuery("get", "/api/v1/flows/{slug}/calls", { params: { path: { slug }, query: { limit: NEWEST } } });
  if (found.isError) return <Failed error={found.error} retry={() => void found.refetch()} />;
  if (!found.data) return <LoadingRows rows={6} height={64} />;
  return (
    <Stack gap="xs">
      <Text size="sm" c="dimmed">The newest first.{found.data.next && ` Only the last ${NEWEST} are shown.`}</Text>
      {found.data.data.map((one) => <Line key={one.id} one={one} />)}
    </Stack>
  );
}

function Line({ one }: { one: Call }) {
  return (
    <Paper withBorder p="sm">
      <div className={classes.call}>
        <Text size="sm" fw={600} style={{ overflowWrap: "anywhere" }}>{one.to.join(", ")}</Text>
        <StatusBadge status={one.state} label={STATES[one.state]} />
      </div>
      <Text size="xs" c="dimmed">Step {one.step}, <Moment at={one.planned_at} inherit />, {counted(one.attempts, "attempt")}</Text>
      {one.error && <Text size="xs" style={{ overflowWrap: "anywhere" }}>{one.error}</Text>}
      {one.state === "planned" && one.next_at && <Text size="xs" c="dimmed">Next try: <Moment at={one.host_rests_until ?? one.next_at} inherit /></Text>}
    </Paper>
  );
}
