// Something that happens: an event, and what it must be like.
import { Box } from "@mantine/core";

import { FilterEditor, MetricSelect } from "@/conditions";

import { useBuilder } from "../builder";
import { without } from "../document";
import type { Condition } from "../steps";

interface Occurrence {
  metric: string;
  where?: Condition;
}

interface Props {
  label: string;
  value: Occurrence;
  onChange: (value: Occurrence) => void;
  path: string;
  problems: readonly { field: string; detail: string }[];
  /** The trigger itself has no event to compare with. */
  starts?: boolean;
}

export function OccurrenceField({ label, value, onChange, path, problems, starts }: Props) {
  const { flow, editable } = useBuilder();
  const wrong = problems.find((one) => one.field === `${path}.metric` || one.field === path)?.detail;
  return (
    <Box>
      <MetricSelect labelled label={label} value={value.metric} error={wrong} disabled={!editable} onChange={(metric) => onChange({ ...value, metric })} />
      <FilterEditor
        metric={value.metric}
        value={value.where}
        onChange={(where) => onChange(without({ ...value, where }))}
        problems={problems}
        path={`${path}.where`}
        startedBy={starts ? undefined : (flow.trigger.metric ?? "")}
        readOnly={!editable}
      />
    </Box>
  );
}
