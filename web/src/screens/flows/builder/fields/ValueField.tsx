// A value for a property: text, a number, yes or no, today's date, or what the event that started the flow says.
import { Group, NumberInput, Select, TagsInput, TextInput } from "@mantine/core";

import type { Json } from "../steps";

type Type = "text" | "number" | "flag" | "list" | "today" | "event";

const TYPES: { value: Type; label: string }[] = [
  { value: "text", label: "Text" }, { value: "number", label: "Number" }, { value: "flag", label: "Yes or no" }, { value: "list", label: "List" }, { value: "today", label: "Today" }, { value: "event", label: "From the event" },
];
const BEGINS: Record<Type, Json> = { text: "", number: 0, flag: true, list: [], today: { date: "today" }, event: { event: "" } };

function typeOf(value: Json): Type {
  if (typeof value === "number") return "number";
  if (typeof value === "boolean") return "flag";
  if (Array.isArray(value)) return "list";
  if (typeof value === "object" && value !== null) return "event" in value ? "event" : "today";
  return "text";
}

interface Props {
  value: Json;
  onChange: (value: Json) => void;
  /** Whether it is the whole value of the property; otherwise it is one item of a list. */
  own: boolean;
}

export function ValueField({ value, onChange, own }: Props) {
  const type = typeOf(value);
  return (
    <Group gap="xs" wrap="nowrap" align="flex-start">
      <Select aria-label="Kind of value" data={own ? TYPES : TYPES.slice(0, 3)} value={type} allowDeselect={false} w={156} onChange={(next) => next && onChange(BEGINS[next as Type])} />
      <div style={{ flex: 1 }}>
        {type === "text" && <TextInput aria-label="Value" placeholder="Value" value={String(value ?? "")} onChange={(event) => onChange(event.currentTarget.value)} />}
        {type === "number" && <NumberInput aria-label="Value" value={value as number} onChange={(next) => onChange(Number(next) || 0)} />}
        {type === "flag" && <Select aria-label="Value" data={[{ value: "true", label: "Yes" }, { value: "false", label: "No" }]} value={String(value)} allowDeselect={false} onChange={(next) => onChange(next === "true")} />}
        {type === "list" && <TagsInput aria-label="Values" placeholder="Type, then Enter" value={(value as Json[]).map(String)} onChange={onChange} />}
        {type === "event" && <TextInput aria-label="Property of the event" placeholder="order.total" value={String((value as { event: string }).event)} onChange={(event) => onChange({ event: event.currentTarget.value })} />}
      </div>
    </Group>
  );
}
