// The head of the flow: what starts it, who enters, whom it keeps, what ends it, and how it behaves.
import { Indicator, Tabs, ThemeIcon, VisuallyHidden } from "@mantine/core";
import { IconBolt } from "@tabler/icons-react";

import { HEAD, useBuilder } from "../builder";
import { HEAD_LABELS } from "../head";
import { PanelBody, PanelHead, WrongHere } from "../Panel";
import classes from "../panel.module.css";
import { headProblems, placeOfProblem, sayings } from "../problems";
import { EntryDrawer } from "./EntryDrawer";
import { ExitsDrawer } from "./ExitsDrawer";
import { FiltersDrawer } from "./FiltersDrawer";
import { SettingsDrawer } from "./SettingsDrawer";
import { TriggerDrawer } from "./TriggerDrawer";

const PARTS = [
  { part: HEAD.trigger, drawer: TriggerDrawer },
  { part: HEAD.entry, drawer: EntryDrawer },
  { part: HEAD.filters, drawer: FiltersDrawer },
  { part: HEAD.exits, drawer: ExitsDrawer },
  { part: HEAD.settings, drawer: SettingsDrawer },
];

/** A tab has to have a value; the trigger's is "". */
const tab = (part: string) => part || "trigger";

export function HeadDrawer({ selected, narrow }: { selected: string; narrow: boolean }) {
  const { flow, select, problems } = useBuilder();
  const wrong = headProblems(problems);
  const at = (part: string) => wrong.filter((one) => placeOfProblem(flow, one) === part);
  const { drawer: Part } = PARTS.find(({ part }) => part === selected) ?? PARTS[0]!;
  return (
    <>
      {!narrow && <PanelHead title="The flow" says="What starts it, and for whom" icon={<ThemeIcon variant="light" size={32}><IconBolt size={18} stroke={1.7} aria-hidden /></ThemeIcon>} actions={null} />}
      <Tabs value={tab(selected)} onChange={(next) => select(next === "trigger" ? "" : next)} px="md" mb="md" className={classes.tabs}>
        <Tabs.List aria-label="Parts of the flow">{PARTS.map(({ part }) => <Tabs.Tab key={part} value={tab(part)}><Indicator disabled={at(part).length === 0} color="red" size={7} offset={-4}>{HEAD_LABELS[part]}{at(part).length > 0 && <VisuallyHidden>, with a problem</VisuallyHidden>}</Indicator></Tabs.Tab>)}</Tabs.List>
      </Tabs>
      <PanelBody>
        <WrongHere said={sayings(flow, at(selected))} />
        <Part />
      </PanelBody>
    </>
  );
}
