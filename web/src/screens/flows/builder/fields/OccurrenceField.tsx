// Something that happens: an event, and what it must be like.
import { Box, Text } from "@mantine/core";

import { FilterEditor, MetricSelect, useMetrics } from "@/conditions";

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
  const seen = useMetrics();
  const unseen = value.metric !== "" && seen.length > 0 && !seen.some((one) => one.name === value.metric && one.count > 0);
  return (
    <Box>
      <MetricSelect labelled label={label} value={value.metric} error={wrong} disabled={!editable} onChange={(metric) => onChange({ ...value, metric })} />
      {unseen && <Text size="xs" c="dimmed" mt={4}>No such event has come in yet. {starts ? "The flow begins with the first one." : "It counts from the first one on."}</Text>}
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
