// The fields of triggers that are about a person: an event, a list, a segment, a date; and those that others call for.
import { Code, Input, SegmentedControl, Select, Stack, Switch, Text } from "@mantine/core";

import { ListSelect, SegmentSelect } from "@/conditions";

import { useBuilder } from "../builder";
import { without } from "../document";
import type { Wrong } from "../drawer";
import { DatePropertyField } from "../fields/DatePropertyField";
import { OccurrenceField } from "../fields/OccurrenceField";
import { SpanField } from "../fields/SpanField";
import { TimeField } from "../fields/TimeField";
import { ZoneField } from "../fields/ZoneField";
import type { Trigger } from "../steps";

export interface TriggerProps {
  trigger: Trigger;
  put: (next: Trigger, about?: string) => void;
  problems: Wrong[];
  wrong: (field: string) => string | undefined;
}

export function ByMetric({ trigger, put, problems }: TriggerProps) {
  return <OccurrenceField starts label="Event" value={{ metric: trigger.metric ?? "", where: trigger.where }} onChange={(next) => put(without(next), "event")} path="trigger" problems={problems} />;
}

export function ByList({ trigger, put, wrong }: TriggerProps) {
  const { editable } = useBuilder();
  return (
    <>
      <ListSelect labelled value={trigger.list ?? ""} disabled={!editable} error={wrong("list")} onChange={(list) => put({ list })} />
      <Text size="xs" c="dimmed">On a list with double opt-in, once they have confirmed. Who leaves the list gets no further email of this flow.</Text>
    </>
  );
}

export function BySegment({ trigger, put, wrong }: TriggerProps) {
  const { editable } = useBuilder();
  const left = trigger.on === "left";
  return (
    <>
      <SegmentSelect labelled value={trigger.segment ?? ""} disabled={!editable} error={wrong("segment")} onChange={(segment) => put({ ...trigger, segment })} />
      <SegmentedControl fullWidth aria-label="When" value={trigger.on ?? "entered"} onChange={(on) => put(without({ ...trigger, on: on === "left" ? ("left" as const) : undefined }))} data={[{ value: "entered", label: "When they enter" }, { value: "left", label: "When they leave" }]} />
      <Switch label={left ? "They must still be out at each email" : "They must still be in it at each email"} checked={trigger.stay ?? true} onChange={(event) => put(without({ ...trigger, stay: event.currentTarget.checked ? undefined : false }))} />
      <Text size="xs" c="dimmed">What people do, and the passing of time, starts it. Editing the segment does not.</Text>
    </>
  );
}

type Side = "before" | "on" | "after";

export function ByDate({ trigger, put, wrong }: TriggerProps) {
  const side: Side = trigger.before ? "before" : trigger.after ? "after" : "on";
  const length = trigger.before ?? trigger.after;
  const set = (fields: Partial<Trigger>, about?: string) => put(without({ ...trigger, ...fields }), about);
  const turn = (next: Side) => set({ before: next === "before" ? (length ?? { days: 7 }) : undefined, after: next === "after" ? (length ?? { days: 7 }) : undefined });
  return (
    <>
      <DatePropertyField value={trigger.date ?? ""} onChange={(date) => set({ date }, "date")} error={wrong("date")} />
      <Select label="It comes" data={[{ value: "once", label: "Once" }, { value: "yearly", label: "Every year" }, { value: "monthly", label: "Every month" }]} value={trigger.repeat ?? "once"} allowDeselect={false} error={wrong("repeat")} onChange={(repeat) => set({ repeat: repeat as Trigger["repeat"] })} />
      <Input.Wrapper label="The flow starts" labelElement="div">
        <Stack gap="xs" mt={4}>
          <SegmentedControl fullWidth aria-label="The flow starts" value={side} onChange={(next) => turn(next as Side)} data={[{ value: "before", label: "Before it" }, { value: "on", label: "On the day" }, { value: "after", label: "After it" }]} />
          {side !== "on" && <SpanField label="By" units={["days", "weeks"]} value={length} onChange={(next) => set({ [side]: next }, "by")} error={wrong(side)} />}
        </Stack>
      </Input.Wrapper>
      <TimeField label="At" value={trigger.at} onChange={(at) => set({ at }, "at")} error={wrong("at")} />
      <ZoneField value={trigger.timezone} onChange={(timezone) => set({ timezone })} error={wrong("timezone")} />
      {trigger.repeat === "yearly" && <Text size="xs" c="dimmed">29 February is the 28th in other years.</Text>}
    </>
  );
}

export function ByCall({ trigger }: TriggerProps) {
  const { flow } = useBuilder();
  if (trigger.manual) return <Text size="sm">Add people one by one, or a whole list or segment, on the page of people inside.</Text>;
  return <Text size="sm" component="div">Another system starts it for a person: <Code block mt="xs">POST /api/v1/flows/{flow.flow}/start</Code> Emails see the properties that it sends as the event.</Text>;
}
