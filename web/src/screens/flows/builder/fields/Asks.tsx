// A condition, or a filter on the event that started the flow, as a part of a drawer.
import { Box, Input } from "@mantine/core";

import { ConditionEditor, FilterEditor, type Tree } from "@/conditions";

import { useBuilder } from "../builder";
import type { Condition } from "../steps";

interface Props {
  label: string;
  description?: string;
  value: Condition;
  onChange: (value: Condition) => void;
  /** Where it stands in its step: "if", "split[0].if". */
  path: string;
  /** What is wrong with the step, by path. */
  problems: readonly { field: string; detail: string }[];
}

/** Asked of the person. */
export function AsksPerson({ label, description, value, onChange, path, problems }: Props) {
  const { flow, editable } = useBuilder();
  return (
    <Input.Wrapper label={label} description={description} labelElement="div">
      <Box mt={6}><ConditionEditor value={value} onChange={(next: Tree) => onChange(next)} context="flow" problems={problems} path={path} startedBy={flow.trigger.metric} readOnly={!editable} /></Box>
    </Input.Wrapper>
  );
}

/** Asked of the event that started the flow. */
export function AsksTrigger({ label, description, value, onChange, path, problems }: Props) {
  const { flow, editable } = useBuilder();
  return (
    <Input.Wrapper label={label} description={description} labelElement="div">
      <FilterEditor metric={flow.trigger.metric ?? ""} value={value} onChange={(next) => onChange(next ?? [])} problems={problems} path={path} readOnly={!editable} />
    </Input.Wrapper>
  );
}
