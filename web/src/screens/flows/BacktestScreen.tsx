// A flow replayed over what people really did: what would have been sent to whom, before it is published or changed.
import { Alert, Button, Group, Paper, Progress, SegmentedControl, Stack, Text } from "@mantine/core";
import { IconChartHistogram, IconInfoCircle } from "@tabler/icons-react";

import { useAddress } from "@/app/address";
import { useBrand } from "@/app/session";
import { count } from "@/ui/formats";
import { Empty, Failed } from "@/ui/states";

import { Results } from "./backtest/Results";
import { begin, type Run, useBacktest } from "./backtest/runs";
import { type FlowDetail, namesOf } from "./flow";
import { read } from "./builder/document";
import { FlowHeader } from "./FlowHeader";
import { useFlow } from "./useFlow";

const SPANS = ["30", "90", "365"];

export function BacktestScreen() {
  const { flow, instead } = useFlow();
  return flow ? <Backtest flow={flow} /> : instead;
}

function Backtest({ flow }: { flow: FlowDetail }) {
  const key = `${useBrand().slug}:${flow.slug}`;
  const { run, last, error } = useBacktest(key);
  const [{ days: given = "", of: wanted = "" }, setAddress] = useAddress();
  const choices = [
    ...(flow.version !== null ? [{ value: "live", label: "Live" }] : []),
    ...(flow.has_draft ? [{ value: "draft", label: "Draft" }] : []),
    ...(flow.version !== null && flow.has_draft ? [{ value: "both", label: "Compare both" }] : []),
  ];
  const of = choices.some((one) => one.value === wanted) ? wanted : (choices.at(-1)?.value ?? "live");
  const days = SPANS.includes(given) ? given : "90";
  const start = () => begin(key, flow, { days: Number(days), version: of === "live" ? "live" : "draft", compare: of === "both" });
  return (
    <>
      <FlowHeader flow={flow} screen="backtest" description="What would have happened, decided by the code that runs flows. Nothing is sent or changed." />
      <Paper withBorder p="md" mb="md">
        <Group align="flex-end" gap="md">
          <Choice label="Over the last" value={days} onChange={(value) => setAddress({ days: value })} data={SPANS.map((value) => ({ value, label: `${value} days` }))} disabled={run !== null} />
          {choices.length > 1 && <Choice label="Version" value={of} onChange={(value) => setAddress({ of: value })} data={choices} disabled={run !== null} />}
          {run ? <Button variant="default" onClick={run.stop}>Stop</Button> : <Button onClick={start} disabled={choices.length === 0}>Run backtest</Button>}
        </Group>
        {run && <Running run={run} />}
      </Paper>
      {error !== null && error !== undefined && <Failed error={error} retry={start} />}
      {last ? <Results key={`${last.reports[0]?.end}-${last.reports.length}`} found={last} names={allNames(flow)} slug={flow.slug} /> : !run && !error && (
        <Paper withBorder><Empty icon={IconChartHistogram} title="No backtest yet">Choose a span and run it. It takes some seconds to minutes, and you can leave this page meanwhile.</Empty></Paper>
      )}
      {last && (
        <Alert mt="md" color="gray" icon={<IconInfoCircle aria-hidden />} title="What is not as it was then">
          People's properties, lists, segments and consent are today's. Nobody is inside when the span begins, and what this flow itself really sent is left out. Whether people would have acted otherwise for an email, no replay can say.
        </Alert>
      )}
    </>
  );
}

/** What the steps of either version are called. */
function allNames(flow: FlowDetail): Map<string, string> {
  const trees = [flow.definition, flow.draft].filter((tree) => tree !== null && Array.isArray(tree.steps));
  return new Map(trees.flatMap((tree) => [...namesOf(read(tree!))]));
}

function Choice({ label, ...control }: { label: string; value: string; onChange: (value: string) => void; data: { value: string; label: string }[]; disabled: boolean }) {
  return (
    <Stack gap={4}>
      <Text size="sm" fw={500}>{label}</Text>
      <SegmentedControl aria-label={label} {...control} />
    </Stack>
  );
}

function Running({ run }: { run: Run }) {
  const { progress, pace } = run;
  return (
    <Stack gap={6} mt="md" role="status">
      <Progress value={progress && progress.people > 0 ? (100 * progress.done) / progress.people : 100} animated={!progress} aria-label="People replayed" />
      <Text size="sm" c="dimmed" className="numbers">
        {progress
          ? `${count(progress.done)} of ${count(progress.people)} people, ${count(pace)} events a second, ${count(progress.entries)} came in, ${count(progress.sent)} emails. You can leave this page; it goes on.`
          : "Looking for the people who did what starts it … You can leave this page; it goes on."}
      </Text>
    </Stack>
  );
}
