// The last look before a flow goes live: what changes, in words, and what that means for the people inside.
import { Alert, Button, Drawer, Group, Skeleton, Stack, Text, Title } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck, IconUsers } from "@tabler/icons-react";
import { useEffect, useEffectEvent, useState } from "react";

import { api, ApiError } from "@/api/client";
import type { components } from "@/api/schema";
import { tellDone } from "@/app/notices";
import { counted, people } from "@/ui/formats";

import { type FlowDetail, useBuilder } from "../builder";
import { ProblemList } from "../ProblemList";
import { sentence } from "../problems";
import type { Editing } from "../saving";
import { Changes } from "./Changes";
import { Drafts } from "./Drafts";
import { FirstTime } from "./FirstTime";
import { allChosen, type Choices, Standing } from "./Standing";

type Plan = components["schemas"]["PlanOut"];

interface Props {
  detail: FlowDetail;
  editing: Editing;
  opened: boolean;
  onClose: () => void;
}

export function Review(props: Props) {
  /** Begun anew after a change in here: what publishing would do is another thing then. */
  const [round, setRound] = useState(0);
  return (
    <Drawer opened={props.opened} onClose={props.onClose} title="Review & publish" size={560} closeButtonProps={{ "aria-label": "Close" }}>
      {props.opened && <Body key={round} {...props} anew={() => setRound(round + 1)} />}
    </Drawer>
  );
}

function Body({ detail, editing, onClose, anew }: Props & { anew: () => void }) {
  const { select } = useBuilder();
  const [plan, setPlan] = useState<Plan | null>(null);
  const [refused, setRefused] = useState<ApiError | null>(null);
  const [choices, setChoices] = useState<Choices>({});
  const [retime, setRetime] = useState<string[]>([]);
  const [busy, setBusy] = useState(false);
  const { flush } = editing;
  const path = { slug: detail.slug };

  const ask = useEffectEvent(async () => {
    if (!(await flush())) throw new ApiError(0, "", "The changes could not be saved", "Close this, and try again when they are saved.");
    return api.POST("/api/v1/flows/{slug}/plan", { params: { path }, body: { ...editing.history.present } });
  });
  useEffect(() => {
    let stale = false;
    ask()
      .then(({ data }) => !stale && setPlan(data ?? null))
      .catch((error: unknown) => !stale && setRefused(error instanceof ApiError ? error : new ApiError(0, "", "It did not work", "Nothing was changed.")));
    return () => {
      stale = true;
    };
  }, []);

  const publish = async () => {
    setBusy(true);
    setRefused(null);
    try {
      const { data } = await api.POST("/api/v1/flows/{slug}/publish", { params: { path }, body: { definition: null, people: choices, retime, based_on: plan?.version ?? null } });
      await editing.reload();
      tellDone(data?.status === "paused" ? `Version ${data.version} is published. The flow stays paused.` : `Version ${data?.version} is live.`);
      onClose();
    } catch (error) {
      setRefused(error instanceof ApiError ? error : null);
      setBusy(false);
    }
  };
  const show = (step: string) => {
    select(step);
    onClose();
  };

  if (!plan && !refused) return <Stack aria-busy="true" aria-label="Working out what would change"><Skeleton height={20} /><Skeleton height={80} /><Skeleton height={80} /></Stack>;
  return (
    <Stack gap="lg">
      {refused && <Refused error={refused} onClose={onClose} />}
      {plan && <Planned plan={plan} detail={detail} choices={choices} setChoices={setChoices} retime={retime} setRetime={setRetime} show={show} anew={anew} />}
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>Not now</Button>
        {plan && <Button loading={busy} disabled={!detail.has_draft && plan.changes.length === 0 ? true : !allChosen(plan.effect.standing, choices)} onClick={() => void publish()}>{plan.version === null ? "Set live" : "Publish"}</Button>}
      </Group>
    </Stack>
  );
}

function Refused({ error, onClose }: { error: ApiError; onClose: () => void }) {
  const { problems } = useBuilder();
  const listed = error.status === 400 && problems.length > 0;
  return (
    <Stack>
      <Alert color="red" icon={<IconAlertTriangle />} title="It cannot be published yet" role="alert">
        {listed ? `${counted(problems.length, "problem")} to put right first. Each leads to its place.` : sentence(error.detail || error.title)}
      </Alert>
      {listed && <ProblemList shown={onClose} />}
    </Stack>
  );
}

interface PlannedProps {
  plan: Plan;
  detail: FlowDetail;
  choices: Choices;
  setChoices: (choices: Choices) => void;
  retime: string[];
  setRetime: (delays: string[]) => void;
  show: (step: string) => void;
  /** Work it out again: the flow was changed. */
  anew: () => void;
}

function Planned({ plan, detail, show, anew, ...standing }: PlannedProps) {
  const made = [["coupon", plan.made.coupons], ["list", plan.made.lists], ["segment", plan.made.segments]] as const;
  const inside = plan.effect.standing.reduce((sum, one) => sum + one.people, 0);
  return (
    <>
      <section>
        <Title order={3} fz="md" mb="xs">{plan.version === null ? "What goes live" : `What changes since version ${plan.version}`}</Title>
        {plan.version === null && <FirstTime show={show} />}
        {plan.version !== null && (plan.changes.length === 0 ? <Text size="sm" c="dimmed">Nothing: what is live says the same.</Text> : <Changes changes={plan.changes} show={show} />)}
      </section>
      {made.some(([, names]) => names.length > 0) && (
        <section>
          <Title order={3} fz="md" mb="xs">What is made with it</Title>
          {made.filter(([, names]) => names.length > 0).map(([kind, names]) => <Text key={kind} size="sm">{names.length === 1 ? `The ${kind}` : `The ${kind}s`} {names.join(", ")}</Text>)}
        </section>
      )}
      <section>
        <Title order={3} fz="md" mb="xs">Who is inside</Title>
        {plan.version === null && <Text size="sm">Nobody yet. From the moment it is live, new people come in as the trigger says; what happened before starts nothing.</Text>}
        {plan.version !== null && inside === 0 && <Text size="sm" c="dimmed">Nobody waits in it now.</Text>}
        {inside > 0 && <Text size="sm" mb="sm"><IconUsers size={15} style={{ verticalAlign: "-2px" }} aria-hidden /> {people(inside)} {inside === 1 ? "waits" : "wait"} in it now{plan.effect.pinned > 0 && `; ${people(plan.effect.pinned)} more finish on an earlier version`}.</Text>}
        <Standing effect={plan.effect} {...standing} />
      </section>
      <Drafts changed={anew} />
      {detail.status === "paused" && <Alert color="yellow" py="xs">The flow is paused, and stays so when this is published.</Alert>}
      {detail.status !== "paused" && <Text size="sm" c="dimmed"><IconCircleCheck size={15} style={{ verticalAlign: "-2px" }} aria-hidden /> {plan.version === null ? "You can pause it at any time." : "The publish can be undone afterwards; emails that were sent stay sent."}</Text>}
    </>
  );
}
