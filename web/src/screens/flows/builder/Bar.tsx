// The bar above the flow: its name and state, whether it is saved, its numbers, and what can be done with it.
import { ActionIcon, Badge, Button, Group, Select, Text, TextInput, Tooltip, VisuallyHidden } from "@mantine/core";
import { IconArrowBackUp, IconArrowForwardUp, IconArrowLeft, IconCloudCheck, IconPlayerPlay } from "@tabler/icons-react";
import { Link, useNavigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";

import { useInBrand } from "@/app/places";
import { useMay } from "@/app/session";
import { Moment } from "@/ui/Moment";
import { StatusBadge } from "@/ui/StatusBadge";

import { type FlowDetail, useBuilder } from "./builder";
import { FlowMenu } from "./FlowMenu";
import classes from "./frame.module.css";
import { type Span, SPANS } from "./numbers";
import { Problems } from "./Problems";
import { Review } from "./publish/Review";
import type { SaveState } from "./saver";
import type { Editing } from "./saving";

interface Props {
  detail: FlowDetail;
  editing: Editing;
  span: Span;
  onSpan: (span: Span) => void;
}

export function Bar({ detail, editing, span, onSpan }: Props) {
  const { flow, editable, edit } = useBuilder();
  const mayPublish = useMay("marketer") && detail.status !== "archived";
  const [reviewing, setReviewing] = useState(false);
  const navigate = useNavigate();
  const inBrand = useInBrand();
  const name = flow.name ?? flow.flow;
  useEffect(() => {
    document.title = `${name} · Headwater`;
  }, [name]);
  const test = async () => (await editing.flush()) && navigate({ to: inBrand(`/flows/${detail.slug}/test`) });
  return (
    <header className={classes.bar}>
      <ActionIcon component={Link} to={inBrand("/flows")} aria-label="All flows" size="lg"><IconArrowLeft size={18} /></ActionIcon>
      <VisuallyHidden><h1>{name}</h1></VisuallyHidden>
      {editable ? <TextInput aria-label="Name of the flow" className={classes.name} value={flow.name ?? ""} onChange={(event) => edit({ ...flow, name: event.currentTarget.value }, "name")} error={flow.name === "" || undefined} /> : <span className={classes.name}>{name}</span>}
      <StatusBadge status={detail.status} />
      {detail.version !== null && detail.has_draft && <Tooltip label={`There are changes since version ${detail.version}, which is live.`}><Badge color="yellow" tabIndex={0}>Edited</Badge></Tooltip>}
      {editable && <Problems />}
      {editable && <Saved state={editing.state} retry={() => void editing.flush()} />}
      <Group gap="xs" className={classes.acts}>
        {editable && <Steps editing={editing} />}
        {detail.version !== null && <Select aria-label="Numbers of" data={SPANS} value={span} onChange={(next) => next && onSpan(next as Span)} allowDeselect={false} w={142} />}
        <Button variant="default" leftSection={<IconPlayerPlay size={15} />} onClick={() => void test()} aria-label="Test with a profile">Test<Text span inherit visibleFrom="sm">&nbsp;with a profile</Text></Button>
        {mayPublish && editable && <Button onClick={() => setReviewing(true)}>Review &amp; publish</Button>}
        <FlowMenu detail={detail} editing={editing} />
      </Group>
      {mayPublish && <Review detail={detail} editing={editing} opened={reviewing} onClose={() => setReviewing(false)} />}
    </header>
  );
}

function Steps({ editing: { history, move } }: { editing: Editing }) {
  return (
    <Group gap={2}>
      <Tooltip label="Undo (Ctrl-Z)"><ActionIcon size="lg" aria-label="Undo" disabled={history.past.length === 0} onClick={() => move({ kind: "undo" })}><IconArrowBackUp size={18} /></ActionIcon></Tooltip>
      <Tooltip label="Redo (Ctrl-Shift-Z)"><ActionIcon size="lg" aria-label="Redo" disabled={history.future.length === 0} onClick={() => move({ kind: "redo" })}><IconArrowForwardUp size={18} /></ActionIcon></Tooltip>
    </Group>
  );
}

function Saved({ state, retry }: { state: SaveState; retry: () => void }) {
  if (state.kind === "saved") return <Text size="sm" c="dimmed" role="status"><IconCloudCheck size={15} style={{ verticalAlign: "-2px" }} aria-hidden /> Saved <Moment at={state.at} as="time" c="dimmed" /></Text>;
  if (state.kind === "failed") {
    return (
      <Group gap={6} role="status">
        <Tooltip label={`${state.why} Your changes are kept in this browser.`} multiline maw={320}><Text size="sm" c="var(--mantine-color-red-light-color)" tabIndex={0}>Not saved yet</Text></Tooltip>
        <Button size="compact-xs" variant="default" onClick={retry}>Try again</Button>
      </Group>
    );
  }
  return <Text size="sm" c="dimmed" role="status">{state.kind === "conflict" ? "Not saved" : "Saving…"}</Text>;
}
