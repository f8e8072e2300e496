// Why somebody is in a segment or not: each condition's answer, with the facts behind it and when time alone changes it.
import { Text } from "@mantine/core";
import { IconCheck, IconX } from "@tabler/icons-react";

import type { components } from "@/api/schema";
import { Moment } from "@/ui/Moment";

import classes from "./segments.module.css";

type Answer = components["schemas"]["AnswerOut"];

export function WhyTree({ answer }: { answer: Answer }) {
  return <ul className={classes.why}><Line answer={answer} /></ul>;
}

function Line({ answer }: { answer: Answer }) {
  const Mark = answer.holds ? IconCheck : IconX;
  const parts = answer.of.length > 0;
  return (
    <li>
      <div className={classes.answer} data-holds={answer.holds}>
        <Mark size={15} stroke={2.4} className={classes.mark} aria-label={answer.holds ? "Yes:" : "No:"} />
        <div>
          <Text size="sm" fw={parts ? 600 : 500}>{answer.of.length > 1 ? (answer.holds ? "Together it holds" : "Together it does not hold") : answer.says}</Text>
          {answer.facts.map((fact) => <Text key={fact} size="xs" c="dimmed">{fact}</Text>)}
          {answer.changes_at && <Text size="xs" c="dimmed">Changes by time alone on <Moment at={answer.changes_at} /></Text>}
        </div>
      </div>
      {parts && <ul>{answer.of.map((part, index) => <Line key={index} answer={part} />)}</ul>}
    </li>
  );
}
