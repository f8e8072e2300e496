// A span of time in a form: how much, and of what. One of several units shows each of them.
import { Group, Input, NumberInput, Select } from "@mantine/core";

import type { Span } from "../steps";

type Unit = keyof Span;
const UNITS: Unit[] = ["minutes", "hours", "days", "weeks"];

interface Props {
  label: string;
  description?: string;
  value: Span | undefined;
  onChange: (value: Span) => void;
  units?: readonly Unit[];
  error?: string;
  /** Whether 0 means something. */
  zero?: boolean;
}

export function SpanField({ label, description, value, onChange, units = UNITS, error, zero }: Props) {
  const given = Object.entries(value ?? {}).filter(([unit]) => UNITS.includes(unit as Unit)) as [Unit, number][];
  const parts: [Unit, number | undefined][] = given.length > 0 ? given : [[units.includes("days") ? "days" : units[0]!, undefined]];
  const put = (index: number, part: [Unit, number]) => onChange(Object.fromEntries(parts.map((one, at) => (at === index ? part : one)).filter(([, amount]) => amount !== undefined)) as Span);
  return (
    <Input.Wrapper label={label} description={description} error={error} labelElement="div">
      {parts.map(([unit, amount], index) => {
        const free = units.filter((one) => one === unit || !parts.some(([taken]) => taken === one));
        return (
          <Group key={unit} gap="xs" mt={4} wrap="nowrap">
            <NumberInput aria-label={`${label}: how many`} value={amount ?? ""} min={zero ? 0 : undefined} allowNegative={false} max={10_000} w={110} error={error !== undefined} onChange={(next) => put(index, [unit, typeof next === "number" ? next : 0])} />
            <Select aria-label={`${label}: unit`} value={unit} data={free} allowDeselect={false} style={{ flex: 1 }} onChange={(next) => next && put(index, [next as Unit, amount ?? 0])} />
          </Group>
        );
      })}
    </Input.Wrapper>
  );
}
