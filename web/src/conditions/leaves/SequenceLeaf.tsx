// Events step by step: an event, and then others that did or did not come after it, or before it.
import { ActionIcon, Button } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";

import classes from "../conditions.module.css";
import { useEditing } from "../editing";
import { choices, Choice } from "../fields";
import { join } from "../groups";
import type { SequenceCondition, SequenceStep } from "../language";
import { MetricSelect } from "../MetricSelect";
import { SpanInput } from "../SpanInput";
import { AddFilter, WhereEditor } from "../WhereEditor";
import { WindowInput } from "../WindowInput";
import type { LeafProps } from "./leaf";
import { withWhere } from "./MetricLeaf";

const MOST = 5;
const ORDER = { after: "and then", before: "and before that" };
const DID = { did: "did", did_not: "did not do" };
const WITHIN = { ever: "at any time", within: "within" };

export function SequenceLeaf({ node, onChange, path, negated, onTurn }: LeafProps<SequenceCondition>) {
  const { readOnly } = useEditing();
  const steps = node.sequence;
  const put = (place: number, step: SequenceStep) => onChange({ ...node, sequence: steps.map((one, index) => (index === place ? step : one)) });
  const last = steps.at(-1)!;
  return (
    <div className={classes.steps}>
      {steps.map((step, index) => (
        <div key={index}>
          <div className={classes.sentence}>
            {index === 0 ? (
              <Choice label="Did it or not" value={negated ? "not" : "did"} data={[{ value: "did", label: "did" }, { value: "not", label: "did not: this sequence from" }]} onChange={onTurn} />
            ) : (
              <StepWords step={step} last={index === steps.length - 1} onChange={(next) => put(index, next)} />
            )}
            <MetricSelect label={`Event of step ${index + 1}`} value={step.metric} onChange={(metric) => put(index, { ...step, metric })} error={!step.metric} />
            {index === 0 ? <WindowInput node={node} onChange={onChange} /> : <Within step={step} onChange={(next) => put(index, next)} />}
            {step.where == null && <AddFilter metric={step.metric} value={step.where} onChange={(where) => put(index, withWhere(step, where))} />}
            {steps.length > 2 && index > 0 && !readOnly && (
              <ActionIcon size="sm" aria-label={`Remove step ${index + 1}`} onClick={() => onChange({ ...node, sequence: steps.filter((_, other) => other !== index) })}><IconTrash size={14} /></ActionIcon>
            )}
          </div>
          <WhereEditor metric={step.metric} value={step.where} onChange={(where) => put(index, withWhere(step, where))} path={`${join(path, "sequence")}[${index}].where`} />
        </div>
      ))}
      {steps.length < MOST && last.did !== false && !readOnly && (
        <Button size="compact-xs" variant="subtle" leftSection={<IconPlus size={14} />} onClick={() => onChange({ ...node, sequence: [...steps, { metric: "" }] })} style={{ alignSelf: "flex-start" }}>
          Another step
        </Button>
      )}
    </div>
  );
}

function StepWords({ step, last, onChange }: { step: SequenceStep; last: boolean; onChange: (step: SequenceStep) => void }) {
  const { did = true, order = "after" } = step;
  return (
    <>
      <Choice label="After or before" value={order} data={choices(ORDER)} onChange={(next) => onChange({ ...step, order: next })} />
      {last ? <Choice label="Did it or not" value={did ? "did" : "did_not"} data={choices(DID)} onChange={(next) => onChange({ ...step, did: next === "did" })} /> : <span>{did ? "did" : "did not do"}</span>}
    </>
  );
}

function Within({ step, onChange }: { step: SequenceStep; onChange: (step: SequenceStep) => void }) {
  const choose = (next: keyof typeof WITHIN) => {
    const { within: _within, ...rest } = step;
    onChange(next === "ever" ? rest : { ...step, within: { days: 1 } });
  };
  return (
    <>
      <Choice label="Within" value={step.within ? "within" : "ever"} data={choices(WITHIN)} onChange={choose} />
      {step.within && <SpanInput label="Within" value={step.within} onChange={(within) => onChange({ ...step, within })} />}
    </>
  );
}
