// The head of the flow: what starts it, who enters, whom it keeps, what ends it, and how it behaves.
import { Alert, Tabs, ThemeIcon } from "@mantine/core";
import { IconAlertCircle, IconBolt } from "@tabler/icons-react";

import { HEAD, useBuilder } from "../builder";
import { saying } from "../drawer";
import { PanelBody, PanelHead } from "../Panel";
import classes from "../panel.module.css";
import { EntryDrawer } from "./EntryDrawer";
import { ExitsDrawer } from "./ExitsDrawer";
import { FiltersDrawer } from "./FiltersDrawer";
import { SettingsDrawer } from "./SettingsDrawer";
import { TriggerDrawer } from "./TriggerDrawer";

const PARTS = [
  { part: HEAD.trigger, label: "Trigger", drawer: TriggerDrawer },
  { part: HEAD.entry, label: "Entry", drawer: EntryDrawer },
  { part: HEAD.filters, label: "Filters", drawer: FiltersDrawer },
  { part: HEAD.exits, label: "Exits", drawer: ExitsDrawer },
  { part: HEAD.settings, label: "Settings", drawer: SettingsDrawer },
];

/** A tab has to have a value; the trigger's is "". */
const tab = (part: string) => part || "trigger";

export function HeadDrawer({ selected, narrow }: { selected: string; narrow: boolean }) {
  const { flow, select, problem } = useBuilder();
  const { drawer: Part } = PARTS.find(({ part }) => part === selected) ?? PARTS[0]!;
  return (
    <>
      {!narrow && <PanelHead title="The flow" says="What starts it, and for whom" icon={<ThemeIcon variant="light" size={32}><IconBolt size={18} stroke={1.7} aria-hidden /></ThemeIcon>} actions={null} />}
      <Tabs value={tab(selected)} onChange={(next) => select(next === "trigger" ? "" : next)} px="md" mb="md" className={classes.tabs}>
        <Tabs.List aria-label="Parts of the flow">{PARTS.map(({ part, label }) => <Tabs.Tab key={part} value={tab(part)}>{label}</Tabs.Tab>)}</Tabs.List>
      </Tabs>
      <PanelBody>
        {problem && !problem.step && <Alert color="red" py="xs" icon={<IconAlertCircle />}>{saying(flow, problem)}</Alert>}
        <Part />
      </PanelBody>
    </>
  );
}
