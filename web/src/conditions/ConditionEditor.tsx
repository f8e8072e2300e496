// The editor of conditions that segments, flows and filters share. It changes the JSON itself: what it does not know, it keeps.
import { useMemo } from "react";

import { EditingContext } from "./editing";
import { GroupEditor } from "./GroupEditor";
import type { Context, Tree } from "./language";
import type { Problem } from "./problems";

interface Props {
  value: Tree;
  onChange: (value: Tree) => void;
  /** segment; flow: also what only flows know; event-filter: the properties of one event, see FilterEditor. */
  context: Context;
  /** What is wrong, by path: from `problemsOf(error)` and `unfinished(value, context)`. */
  problems?: readonly Problem[];
  /** What stands before the paths of `problems`: "steps[2].if". */
  path?: string;
  /** In flows: the metric whose event starts the flow, to compare with in filters. */
  startedBy?: string;
  readOnly?: boolean;
}

const NONE: Problem[] = [];

export function ConditionEditor({ value, onChange, context, problems = NONE, path = "", startedBy, readOnly = false }: Props) {
  const editing = useMemo(
    () => ({ context, metric: "", inFlow: context === "flow", startedBy, problems, readOnly }),
    [context, startedBy, problems, readOnly],
  );
  return (
    <EditingContext value={editing}>
      <GroupEditor tree={value} path={path} onChange={(next) => onChange(next as Tree)} />
    </EditingContext>
  );
}
