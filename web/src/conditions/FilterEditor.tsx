// A filter on the events of a metric, by itself: of a flow's trigger, of what a wait waits for.
import { Text } from "@mantine/core";
import { useMemo } from "react";

import { EditingContext, ToldContext } from "./editing";
import type { Filter } from "./language";
import { type Problem, within } from "./problems";
import { AddFilter, WhereEditor } from "./WhereEditor";

interface Props {
  metric: string;
  value: Filter | null | undefined;
  /** undefined: there is no filter any more. */
  onChange: (value: Filter | undefined) => void;
  problems?: readonly Problem[];
  /** What stands before the paths of `problems`: "trigger.where". */
  path?: string;
  /** Where a flow has begun already: the metric whose event started it, to compare with. Not in the trigger's own filter. */
  startedBy?: string;
  readOnly?: boolean;
}

const NONE: Problem[] = [];

export function FilterEditor({ metric, value, onChange, problems = NONE, path = "", startedBy, readOnly = false }: Props) {
  const editing = useMemo(
    () => ({ context: "event-filter" as const, metric, inFlow: startedBy !== undefined, startedBy, problems, readOnly }),
    [metric, startedBy, problems, readOnly],
  );
  const told = within(problems, path);
  return (
    <EditingContext value={editing}>
      <ToldContext value={told.length > 0}>
        {value == null && <AddFilter metric={metric} value={value} onChange={onChange}>Filter on its properties</AddFilter>}
        <WhereEditor metric={metric} value={value} onChange={onChange} path={path} />
        {told[0] && <Text size="xs" c="var(--mantine-color-red-light-color)" mt={6} role="status">{told[0].detail}</Text>}
      </ToldContext>
    </EditingContext>
  );
}
