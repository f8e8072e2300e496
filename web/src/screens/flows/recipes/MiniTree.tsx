// A small picture of a flow: its steps from top to bottom, branches side by side. Pictures only: the words stand beside it.
import { Text, ThemeIcon } from "@mantine/core";
import { IconBolt } from "@tabler/icons-react";

import { leaves, waysOf } from "../builder/branches";
import { LOOKS, UNKNOWN } from "../builder/kinds";
import { type Definition, kindOf, type Step } from "../builder/steps";
import { stepWords, triggerWords } from "../builder/words";
import classes from "./MiniTree.module.css";

export function MiniTree({ flow }: { flow: Definition }) {
  const trigger = triggerWords(flow.trigger).title;
  return (
    <div className={classes.tree} aria-hidden>
      <div className={classes.trigger}>
        <IconBolt size={12} />
        <span className={classes.name}>{typeof trigger === "string" ? trigger : flow.trigger.metric}</span>
      </div>
      <Steps steps={flow.steps} />
    </div>
  );
}

function Steps({ steps }: { steps: readonly Step[] }) {
  return steps.map((step) => <Piece key={step.id} step={step} />);
}

function Piece({ step }: { step: Step }) {
  const kind = kindOf(step);
  const { icon: Mark, color, label } = kind ? LOOKS[kind] : UNKNOWN;
  const ways = waysOf(step);
  const { title } = stepWords(step);
  const name = typeof title === "string" && kind !== "wait_for" ? (kind === "delay" ? title.replace(/^Wait /, "") : title) : label;
  return (
    <>
      <i className={classes.line} />
      <div className={kind === "delay" ? classes.delay : classes.step}>
        <ThemeIcon size={16} radius="sm" variant="light" color={color}><Mark size={11} /></ThemeIcon>
        <Text span className={classes.name}>{name}</Text>
      </div>
      {ways.length > 0 && (
        <>
          <i className={classes.line} />
          <div className={classes.ways} data-joins={!leaves([step]) || undefined}>
            {ways.map((way) => (
              <div key={way.side} className={classes.way} data-ends={leaves(way.steps) || undefined}>
                <Steps steps={way.steps} />
                <i className={classes.rest} />
              </div>
            ))}
          </div>
        </>
      )}
    </>
  );
}
