// The drawer at the side: what is selected, with everything that can be set. On a phone it comes from below.
import { ActionIcon, Alert, Drawer, Group, ScrollArea, Stack, Text, ThemeIcon, Title, Tooltip } from "@mantine/core";
import { IconAlertCircle, IconArrowDown, IconArrowUp, IconCopy, IconTrash, IconX } from "@tabler/icons-react";
import { createElement } from "react";

import { isHead, useBuilder } from "./builder";
import { canShift, duplicate, find, shift } from "./document";
import { useDrawer } from "./drawer";
import { DRAWERS } from "./drawers";
import { HeadDrawer } from "./drawers/HeadDrawer";
import { toCard } from "./focus";
import { LOOKS, UNKNOWN } from "./kinds";
import classes from "./panel.module.css";
import { problemsOf, sayings } from "./problems";
import { kindOf, type Step } from "./steps";

export function Panel({ narrow }: { narrow: boolean }) {
  const { flow, selected, select } = useBuilder();
  const step = selected === null || isHead(selected) ? undefined : find(flow, selected);
  if (selected === null || (!isHead(selected) && !step)) return null;
  const content = step ? <StepPanel key={step.id} step={step} narrow={narrow} /> : <HeadDrawer selected={selected} narrow={narrow} />;
  if (narrow) {
    return (
      <Drawer opened onClose={() => select(null)} position="bottom" size="85%" title={step ? labelOf(step) : "The flow"} closeButtonProps={{ "aria-label": "Close" }}>
        {content}
      </Drawer>
    );
  }
  return <aside data-panel className={classes.panel} aria-label={step ? labelOf(step) : "The flow"}>{content}</aside>;
}

function labelOf(step: Step): string {
  const kind = kindOf(step);
  return (kind ? LOOKS[kind] : UNKNOWN).label;
}

function StepPanel({ step, narrow }: { step: Step; narrow: boolean }) {
  const { flow, problems, editable } = useBuilder();
  const kind = kindOf(step);
  const look = kind ? LOOKS[kind] : UNKNOWN;
  const drawer = useDrawer(step);
  const wrong = sayings(flow, problemsOf(problems, step));
  return (
    <>
      {!narrow && <PanelHead title={look.label} says={look.says} icon={<ThemeIcon variant="light" color={look.color} size={32}><look.icon size={18} stroke={1.7} aria-hidden /></ThemeIcon>} actions={editable ? <Acts step={step} /> : null} />}
      <PanelBody>
        <WrongHere said={wrong} />
        {kind ? createElement(DRAWERS[kind] as typeof DRAWERS.exit, drawer as never) : <Text size="sm">This step is of a kind that the builder does not know. It is kept as it is.</Text>}
        <Text size="xs" c="dimmed">Step {step.id}</Text>
      </PanelBody>
    </>
  );
}

/** What is wrong with what the panel shows. */
export function WrongHere({ said }: { said: readonly string[] }) {
  if (said.length === 0) return null;
  return <Alert color="red" py="xs" icon={<IconAlertCircle />}>{said.map((one) => <Text key={one} size="sm">{one}</Text>)}</Alert>;
}

export function PanelHead({ title, says, icon, actions }: { title: string; says?: string; icon: React.ReactNode; actions: React.ReactNode }) {
  const { select, selected } = useBuilder();
  const close = () => {
    select(null);
    toCard(selected);
  };
  return (
    <Group justify="space-between" wrap="nowrap" p="md" pb="sm" align="flex-start">
      <Group gap="sm" wrap="nowrap" align="flex-start">
        {icon}
        <div>
          <Title order={2} fz="md" lh={1.3}>{title}</Title>
          {says && <Text size="xs" c="dimmed">{says}</Text>}
        </div>
      </Group>
      <Group gap={0} wrap="nowrap">
        {actions}
        <ActionIcon aria-label="Close" onClick={close}><IconX size={18} /></ActionIcon>
      </Group>
    </Group>
  );
}

/** Whoever may not change the flow sees the same fields, which do not give way. */
export function PanelBody({ children }: { children: React.ReactNode }) {
  const { editable } = useBuilder();
  return (
    <ScrollArea style={{ flex: 1 }} type="auto" offsetScrollbars={false}>
      <fieldset disabled={!editable} className={classes.fields}>
        <Stack px="md" pb="xl" gap="md">{children}</Stack>
      </fieldset>
    </ScrollArea>
  );
}

function Acts({ step }: { step: Step }) {
  const { flow, edit, select, askToRemove, known } = useBuilder();
  const copy = () => {
    const [to, id] = duplicate(flow, step.id, known());
    edit(to);
    select(id);
  };
  return (
    <>
      <Tooltip label="Move up"><ActionIcon aria-label="Move up" disabled={!canShift(flow, step.id, -1)} onClick={() => edit(shift(flow, step.id, -1))}><IconArrowUp size={17} /></ActionIcon></Tooltip>
      <Tooltip label="Move down"><ActionIcon aria-label="Move down" disabled={!canShift(flow, step.id, 1)} onClick={() => edit(shift(flow, step.id, 1))}><IconArrowDown size={17} /></ActionIcon></Tooltip>
      {kindOf(step) !== "back_in_stock" && kindOf(step) !== "exit" && <Tooltip label="Duplicate"><ActionIcon aria-label="Duplicate" onClick={copy}><IconCopy size={17} /></ActionIcon></Tooltip>}
      <Tooltip label="Remove"><ActionIcon aria-label="Remove" color="red" onClick={() => askToRemove(step)}><IconTrash size={17} /></ActionIcon></Tooltip>
    </>
  );
}
