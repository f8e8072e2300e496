// A flow tried with a real person: what would be sent to them when, if it started for them now.
import { Card, Grid, Paper, SegmentedControl, Skeleton, Stack } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconPlayerPlay } from "@tabler/icons-react";
import { keepPreviousData } from "@tanstack/react-query";
import { useState } from "react";

import { query } from "@/api/client";
import { useAddress } from "@/app/address";
import { Empty, Failed } from "@/ui/states";

import { read } from "./builder/document";
import type { Definition } from "./builder/steps";
import { type FlowDetail, mailsOf } from "./flow";
import { FlowHeader } from "./FlowHeader";
import { useFlow } from "./useFlow";
import { asked, type Assumed, Assumptions } from "./walk/Assumptions";
import { FileTests } from "./walk/FileTests";
import { PersonSelect } from "./walk/PersonSelect";
import { properties, StartEvent, type Started, useEvents } from "./walk/StartEvent";
import { Way } from "./walk/Way";

export function TestWalkScreen() {
  const { flow, instead } = useFlow();
  return flow ? <Test flow={flow} /> : instead;
}

function Test({ flow }: { flow: FlowDetail }) {
  const [{ version: given = "" }, setAddress] = useAddress();
  const both = flow.version !== null && flow.has_draft;
  const version = flow.version === null || (both && given !== "live") ? "draft" : "live";
  const tree = version === "draft" ? flow.draft : flow.definition;
  const definition = tree && Array.isArray(tree.steps) ? read(tree) : null;
  return (
    <>
      <FlowHeader
        flow={flow}
        screen="test"
        description="Try it with a real person: decided by the code that runs flows, from what is known of them now. Nothing is sent."
        actions={both && <SegmentedControl aria-label="Version" value={version} onChange={(value) => setAddress({ version: value })} data={[{ value: "draft", label: "Draft" }, { value: "live", label: "Live" }]} />}
      />
      {definition ? <Walk key={version} flow={flow} version={version} definition={definition} /> : <Paper withBorder><Empty icon={IconPlayerPlay} title="Nothing to try yet">Give the flow a trigger and a step in the builder first.</Empty></Paper>}
    </>
  );
}

function Walk({ flow, version, definition }: { flow: FlowDetail; version: "live" | "draft"; definition: Definition }) {
  const [{ person = "" }, setAddress] = useAddress();
  const profile = /^\d+$/.test(person) ? Number(person) : null;
  const [chosen, setChosen] = useState<Started | null>(null);
  const [assumed, setAssumed] = useState<Assumed[]>([]);
  const events = useEvents(definition.trigger.metric, profile);
  // The newest event that they really did, unless another one was chosen.
  const started = chosen ?? { event: events.data?.[0]?.id ?? "", written: "" };
  const real = events.data?.find((one) => one.id === started.event);
  const [written] = useDebouncedValue(started.written, 400);
  const event = real ? real.properties : properties(written);
  const ready = profile !== null && event !== null && !(definition.trigger.metric && events.isPending);
  const found = query.useQuery(
    "post",
    "/api/v1/flows/{slug}/walk",
    { params: { path: { slug: flow.slug } }, body: { profile_id: profile ?? 1, version, properties: event ?? {}, assume: assumed.map(asked) } },
    { enabled: ready, retry: false, placeholderData: keepPreviousData },
  );
  const steps = mailsOf(definition).map((one) => ({ value: one.id, label: one.name || one.email }));
  return (
    <Grid gap="md">
      <Grid.Col span={{ base: 12, md: 4 }}>
        <Card component="section" aria-label="Who, and what happens">
          <Stack>
            <PersonSelect value={profile} onChange={(id) => { setChosen(null); setAddress({ person: id === null ? undefined : String(id) }); }} />
            <StartEvent trigger={definition.trigger} profile={profile} value={started} onChange={setChosen} />
            <Assumptions value={assumed} onChange={setAssumed} steps={steps} misses={found.data?.misses ?? []} />
          </Stack>
        </Card>
        <FileTests slug={flow.slug} version={version} />
      </Grid.Col>
      <Grid.Col span={{ base: 12, md: 8 }}>
        {profile === null && <Paper withBorder><Empty icon={IconPlayerPlay} title="Choose a person">You see each moment of their way through the flow, and every email as they would get it.</Empty></Paper>}
        {profile !== null && found.isError && <Failed error={found.error} retry={() => void found.refetch()} />}
        {profile !== null && !found.isError && (found.data && ready ? <div style={{ opacity: found.isPlaceholderData ? 0.6 : 1 }}><Way walk={found.data} profile={profile} event={event} /></div> : <Skeleton height={420} radius="md" />)}
      </Grid.Col>
    </Grid>
  );
}
