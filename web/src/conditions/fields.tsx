// The small fields that sentences are made of: a word to choose, a number, a text, a few values.
import { Autocomplete, type ComboboxItem, type ComboboxItemGroup, NumberInput, Select, TagsInput, TextInput } from "@mantine/core";
import { useState } from "react";

import { useEditing, useTold } from "./editing";
import type { Amount } from "./language";

type Data = ComboboxItem[] | ComboboxItemGroup<ComboboxItem>[];

interface Common {
  /** What it is, for those who cannot see the sentence around it. */
  label: string;
  error?: boolean;
}

/**
 * What a closed field is given: only what it shows. An editor holds dozens of fields, and most are never opened; a field with
 * all its choices costs as much as its whole row.
 */
export function useWhenOpened(): { opened: boolean; onDropdownOpen: () => void } {
  const [opened, setOpened] = useState(false);
  return { opened, onDropdownOpen: () => setOpened(true) };
}

/** As wide as what it shows, so that a row reads as a sentence. */
const wide = (text: string, least = 8, most = 34) => `${Math.min(most, Math.max(least, text.length + 5))}ch`;

export function Choice<Value extends string>({ label, value, data, onChange, error }: Common & { value: Value; data: Data; onChange: (value: Value) => void }) {
  const { readOnly } = useEditing();
  const told = useTold();
  const flat = data.flatMap((one) => ("items" in one ? one.items : [one]));
  const shown = flat.find((one) => one.value === value)?.label ?? value;
  const { opened, onDropdownOpen } = useWhenOpened();
  return (
    <Select
      size="xs"
      aria-label={label}
      data={opened ? data : [{ value, label: shown }]}
      onDropdownOpen={onDropdownOpen}
      value={value}
      onChange={(next) => next !== null && onChange(next as Value)}
      allowDeselect={false}
      searchable={flat.length > 12}
      maxDropdownHeight={320}
      comboboxProps={{ width: "max-content", position: "bottom-start", shadow: "md" }}
      w={wide(shown)}
      maw="100%"
      error={told && error}
      disabled={readOnly}
    />
  );
}

/** Choices from a plain dictionary of words. */
export const choices = <Value extends string>(words: Record<Value, string>, of: readonly Value[] = Object.keys(words) as Value[]) => of.map((value) => ({ value, label: words[value] }));

export function NumberField({ label, value, onChange, error, min, max, step, suffix, width = 72 }: Common & { value: Amount | undefined; onChange: (value: Amount) => void; min?: number; max?: number; step?: number; suffix?: string; width?: number }) {
  const { readOnly } = useEditing();
  const told = useTold();
  return (
    <NumberInput
      size="xs"
      aria-label={label}
      value={value ?? ""}
      onChange={(next) => onChange(typeof next === "number" ? next : next.trim() !== "" && Number.isFinite(Number(next)) ? Number(next) : null)}
      min={min}
      max={max}
      step={step}
      suffix={suffix}
      hideControls={width < 80}
      w={width}
      error={told && (error || value === null)}
      disabled={readOnly}
    />
  );
}

export function TextField({ label, value, onChange, suggestions = [], error, placeholder, mono, width }: Common & { value: string; onChange: (value: string) => void; suggestions?: string[]; placeholder?: string; mono?: boolean; width?: string }) {
  const { readOnly } = useEditing();
  const told = useTold();
  const common = { size: "xs", "aria-label": label, placeholder, w: width ?? wide(value, 16), maw: "100%", error: told && error, disabled: readOnly } as const;
  if (suggestions.length === 0) {
    return <TextInput {...common} ff={mono ? "monospace" : undefined} value={value} onChange={(event) => onChange(event.currentTarget.value)} />;
  }
  return <Autocomplete {...common} data={suggestions} value={value} onChange={onChange} maxDropdownHeight={260} comboboxProps={{ width: "max-content", position: "bottom-start" }} />;
}

export function ValuesField({ label, value, onChange, suggestions, error, placeholder }: Common & { value: string[]; onChange: (value: string[]) => void; suggestions?: string[]; placeholder?: string }) {
  const { readOnly } = useEditing();
  const told = useTold();
  return (
    <TagsInput
      size="xs"
      aria-label={label}
      data={suggestions}
      value={value}
      onChange={onChange}
      placeholder={value.length === 0 ? (placeholder ?? "Type, then Enter") : undefined}
      maxDropdownHeight={260}
      miw={190}
      maw="100%"
      flex={1}
      error={told && error}
      disabled={readOnly}
    />
  );
}
