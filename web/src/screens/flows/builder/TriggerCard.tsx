// What starts the flow, and whom it keeps: the head of the flow as the first card.
import { ThemeIcon, UnstyledButton } from "@mantine/core";
import { type Icon, IconBolt, IconDoorExit, IconFilter, IconRepeat } from "@tabler/icons-react";
import type { CSSProperties } from "react";

import { counted } from "@/ui/formats";

import { HEAD, useBuilder } from "./builder";
import classes from "./canvas.module.css";
import { headChips } from "./head";
import { headProblems, toldOnTrigger } from "./problems";
import { Said } from "./Said";
import { Waiting, Wrong } from "./StepCard";
import { triggerWords } from "./words";

const ICONS: Record<string, Icon> = { [HEAD.entry]: IconRepeat, [HEAD.filters]: IconFilter, [HEAD.exits]: IconDoorExit };

export function TriggerCard() {
  const { flow, selected, select, numbers, problems } = useBuilder();
  const words = triggerWords(flow.trigger);
  const wrong = headProblems(problems).length > 0;
  return (
    <div className={classes.card} style={{ "--kind": "var(--mantine-color-water-6)" } as CSSProperties} data-selected={selected === HEAD.trigger || undefined} data-wrong={wrong || undefined}>
      <UnstyledButton className={`${classes.main} nopan nodrag`} data-step="" onClick={() => select(HEAD.trigger)} aria-pressed={selected === HEAD.trigger}>
        <ThemeIcon variant="light" size={30} radius="md" className={classes.icon}><IconBolt size={18} stroke={1.7} aria-hidden /></ThemeIcon>
        <span className={classes.words}>
          <span className={classes.label}><span>Trigger</span>{numbers && <span style={{ display: "flex", gap: 4 }}><Waiting waiting={numbers.waiting} review={numbers.needs_review} /></span>}</span>
          <span className={classes.title} data-open={words.open || undefined}><Said words={words.title} /></span>
          {words.line && <span className={classes.line} style={{ display: "block" }}><Said words={words.line} /></span>}
        </span>
      </UnstyledButton>
      <div className={classes.chips}>
        {headChips(flow).map(({ part, words: said }) => {
          const Mark = ICONS[part]!;
          return (
            <UnstyledButton key={part} className={`${classes.chip} nopan nodrag`} data-selected={selected === part || undefined} onClick={() => select(part)}>
              <Mark size={14} aria-hidden /><span><Said words={said} /></span>
            </UnstyledButton>
          );
        })}
      </div>
      {numbers && (
        <div className={`${classes.foot} numbers`}>
          <span>{counted(numbers.entered, "person", "people")} entered</span>
          <span>{counted(Object.values(numbers.exited).reduce((sum, one) => sum + one, 0), "person", "people")} left early</span>
        </div>
      )}
      <Wrong details={toldOnTrigger(flow, problems)} />
    </div>
  );
}
