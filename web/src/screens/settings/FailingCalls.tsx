// What flows call in vain: the hosts that fail, for which flow, and why; each opens the flow's calls.
import { Anchor, Badge, Button, Group, Stack, Text, ThemeIcon } from "@mantine/core";
import { IconCircleCheck } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useState } from "react";

import { query } from "@/api/client";
import type { components } from "@/api/schema";
import { useInBrand } from "@/app/places";
import { counted } from "@/ui/formats";
import { Moment } from "@/ui/Moment";
import { Failed, LoadingRows } from "@/ui/states";

import { FlowCalls } from "./FlowCalls";
import classes from "./settings.module.css";

type Failing = components["schemas"]["FailingCallsOut"];

export function FailingCalls() {
  const found = query.useQuery("get", "/api/v1/webhooks/failing", {}, { refetchInterval: 60_000 });
  const [flow, setFlow] = useState<Failing | null>(null);
  if (found.isError) return <Failed error={found.error} retry={() => void found.refetch()} />;
  if (!found.data) return <LoadingRows rows={2} />;
  if (found.data.length === 0) {
    return (
      <Group gap="sm" wrap="nowrap">
        <ThemeIcon variant="light" color="green" radius="xl"><IconCircleCheck size={18} aria-hidden /></ThemeIcon>
        <Text size="sm" c="dimmed">None in the last day.</Text>
      </Group>
    );
  }
  return (
    <>
      <Stack gap={0} component="ul" className={classes.failing}>
        {found.data.map((one) => <Line key={`${one.flow} ${one.host}`} one={one} onSee={() => setFlow(one)} />)}
      </Stack>
      <FlowCalls flow={flow} onClose={() => setFlow(null)} />
    </>
  );
}

function Line({ one, onSee }: { one: Failing; onSee: () => void }) {
  const inBrand = useInBrand();
  return (
    <li>
      <div className={classes.failure}>
        <Group gap="xs">
          <Text size="sm" fw={600} style={{ overflowWrap: "anywhere" }}>{one.kind === "webhook" ? one.host : "Notices by email"}</Text>
          {one.rests_until && <Badge color="orange">Left alone</Badge>}
        </Group>
        <Text size="sm"><Anchor component={Link} to={inBrand(`/flows/${one.flow}`)} inherit>{one.flow_name}</Anchor>: {counted(one.calls, "call")} failed in the last day{one.given_up > 0 && `, ${one.given_up === one.calls ? "all" : one.given_up} given up`}.</Text>
        <Text size="xs" c="dimmed" style={{ overflowWrap: "anywhere" }}>{one.last_error}{one.rests_until && <> Next try: <Moment at={one.rests_until} inherit />.</>}</Text>
      </div>
      <Button size="xs" variant="default" onClick={onSee} aria-label={`See the calls of ${one.flow_name}`}>See the calls</Button>
    </li>
  );
}
