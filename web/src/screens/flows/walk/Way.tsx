// The way of one person through a flow as a line of moments, from now on; each email can be looked at as they would get it.
import { Alert, Button, Paper, Stack, Text, Timeline, Title } from "@mantine/core";
import { IconBolt, IconCheck, IconClock, IconDoorExit, IconGitBranch, IconHandStop, IconMail, IconMailOff, IconTool, IconUserQuestion } from "@tabler/icons-react";
import { useState } from "react";

import type { components } from "@/api/schema";
import { timesIn, useTimes } from "@/ui/times";

import { EmailLook } from "../EmailLook";
import { capital } from "../flow";
import { leftWords, refusedWords } from "../reasons";
import { listed } from "../recipes/RecipeCard";
import { later } from "./times";

type Walk = components["schemas"]["WalkOut"];
type Moment = Walk["moments"][number];

const ICONS = { entered: IconBolt, email: IconMail, skipped: IconMailOff, done: IconTool, decided: IconGitBranch, assumed: IconUserQuestion, completed: IconCheck, left: IconDoorExit, waiting: IconHandStop } as const;
const COLORS = { entered: "water", email: "blue", skipped: "yellow", done: "water", decided: "gray", assumed: "violet", completed: "green", left: "red", waiting: "gray" } as const;
const OUTCOMES: Record<string, string> = { yes: "Yes", no: "No", timed_out: "The time runs out", waited: "", took: "", happened: "It happens", passed: "", reached: "Reached" };

interface Props {
  walk: Walk;
  profile: number;
  event: Record<string, unknown>;
}

export function Way({ walk, profile, event }: Props) {
  const brand = useTimes();
  const times = walk.timezone ? timesIn(walk.timezone) : brand;
  if (walk.refused !== null) {
    return <Alert color="yellow" title="They would not come in">{refusedWords(walk.refused)}. {walk.refused === "profile_filters" && walk.words.only_while && `The flow asks: ${walk.words.only_while}.`}</Alert>;
  }
  const { only_while, stops } = walk.words;
  return (
    <Paper withBorder p="lg" component="section" aria-label="Their way through the flow">
      <Title order={2} fz="md">Their way from now on</Title>
      <Text size="sm" c="dimmed" mb="lg">Times are theirs ({times.zone}{walk.timezone ? "" : ", the brand's: theirs is not known"}).</Text>
      {walk.entered_lately && <Alert color="yellow" mb="md" title="In truth they would not come in now">They came in on {times.moment(walk.entered_lately)}, and the flow takes the same person again {walk.words.again}. This is how it would go otherwise.</Alert>}
      <Timeline bulletSize={28} lineWidth={2} active={walk.moments.length}>
        {walk.moments.map((one, index) => {
          const Mark = one.outcome === "waited" ? IconClock : ICONS[one.kind];
          return (
            <Timeline.Item key={index} color={COLORS[one.kind]} bullet={<Mark size={15} aria-hidden />} title={<Said moment={one} />}>
              <Text size="xs" c="dimmed"><b>{later(one.at, walk.now)}</b> · {times.moment(one.at)}</Text>
              {one.kind === "skipped" && <Text size="sm">Not sent: {one.outcome}.</Text>}
              {one.kind === "decided" && one.outcome && OUTCOMES[one.outcome] !== "" && <Text size="sm" fw={600}>{OUTCOMES[one.outcome] ?? capital(one.outcome.replaceAll("_", " "))}</Text>}
              {one.kind === "email" && <Look moment={one} profile={profile} event={event} />}
            </Timeline.Item>
          );
        })}
      </Timeline>
      {(stops.length > 0 || only_while) && (
        <Stack gap={4} mt="lg">
          {stops.length > 0 && <Text size="sm"><b>Would leave at once on</b> {listed(stops)}.</Text>}
          {only_while && <Text size="sm"><b>Before every step and email it is asked:</b> {only_while}.</Text>}
        </Stack>
      )}
    </Paper>
  );
}

function Said({ moment }: { moment: Moment }) {
  const { kind, words, outcome } = moment;
  const said = {
    entered: "Comes in",
    email: `Email “${words}”`,
    skipped: `Email “${words}”`,
    done: capital(words),
    decided: capital(words),
    assumed: words === "unsubscribes" ? "Unsubscribes (assumed)" : `${words} (assumed)`,
    completed: "Has gone through to the end",
    left: `Leaves: ${leftWords(outcome ?? "").toLowerCase()}`,
    waiting: `Waits on: ${words}`,
  }[kind];
  return <Text size="sm" fw={kind === "decided" ? 400 : 600} style={{ overflowWrap: "anywhere" }}>{said}</Text>;
}

function Look({ moment, profile, event }: { moment: Moment; profile: number; event: Record<string, unknown> }) {
  const [open, setOpen] = useState(false);
  return (
    <Stack gap="sm" mt={6} align="flex-start">
      <Button size="compact-xs" variant="default" aria-expanded={open} onClick={() => setOpen(!open)}>{open ? "Hide email" : "Show email"}</Button>
      {open && <div style={{ width: "100%" }}><EmailLook template={moment.template_id} profile={profile} event={event} /></div>}
    </Stack>
  );
}
