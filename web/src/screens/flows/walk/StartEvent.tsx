// The event that starts the flow in a walk: one that the person really did, or one made up as JSON.
import { JsonInput, Select, Stack, Text } from "@mantine/core";

import type { ReactNode } from "react";

import { query } from "@/api/client";
import { useTimes } from "@/ui/times";

import type { Trigger } from "../builder/steps";

export interface Started {
  /** An event of the person; "": made up. */
  event: string;
  /** JSON of the properties that are made up. */
  written: string;
}

interface Props {
  trigger: Trigger;
  profile: number | null;
  value: Started;
  onChange: (value: Started) => void;
}

export function useEvents(metric: string | undefined, profile: number | null) {
  return query.useQuery("get", "/api/v1/content/people/{profile_id}/events", { params: { path: { profile_id: profile ?? 0 }, query: { metric } } }, { enabled: profile !== null && Boolean(metric) });
}

/** The properties as JSON says them; null: it is not an object. */
export function properties(written: string): Record<string, unknown> | null {
  if (!written.trim()) return {};
  try {
    const found: unknown = JSON.parse(written);
    return typeof found === "object" && found !== null && !Array.isArray(found) ? (found as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

export function StartEvent({ trigger, profile, value, onChange }: Props) {
  const times = useTimes();
  const events = useEvents(trigger.metric, profile);
  if (trigger.list !== undefined) return <Told>As though they joined the list {String(trigger.list)} just now.</Told>;
  if (trigger.segment !== undefined) return <Told>As though they {trigger.on === "left" ? "left" : "entered"} the segment {String(trigger.segment)} just now.</Told>;
  if (trigger.date !== undefined) return <Told>From the next time that their {trigger.date} comes.</Told>;
  if (trigger.manual !== undefined) return <Told>As though somebody added them by hand just now.</Told>;
  const found = events.data ?? [];
  const wrong = properties(value.written) === null;
  return (
    <Stack gap="xs">
      {trigger.metric && (
        <Select
          label="What starts it"
          description={`As though it happened now, with what this ${trigger.metric} held.`}
          data={[...found.map((one) => ({ value: one.id, label: `${trigger.metric}, ${times.moment(one.at)}` })), { value: "", label: found.length > 0 ? "Made up" : `Made up: they have no ${trigger.metric} yet` }]}
          value={value.event}
          onChange={(event) => onChange({ ...value, event: event ?? "" })}
          allowDeselect={false}
        />
      )}
      {(!trigger.metric || value.event === "") && (
        <JsonInput label="Properties of the event" description='For example {"product_id": "b1", "title": "Rain boots", "price": 89}' value={value.written} onChange={(written) => onChange({ ...value, written })} error={wrong ? "This is not a JSON object." : undefined} formatOnBlur autosize minRows={3} maxRows={14} placeholder="{}" />
      )}
    </Stack>
  );
}

function Told({ children }: { children: ReactNode }) {
  return <Text size="sm">{children}</Text>;
}
