// A list or a segment of the brand, by name. What a definition names that is gone stays in sight.
import { Select, type SelectProps } from "@mantine/core";

import { people } from "@/ui/formats";

import { useTold } from "./editing";
import { NameSelect } from "./NameSelect";
import type { NamedSelectProps } from "./MetricSelect";
import { useLists, useSegments } from "./vocabulary";

interface Props<Reference> extends Omit<NamedSelectProps, "value" | "onChange"> {
  value: Reference;
  onChange: (value: Reference) => void;
}

/** Lists are named by their name, as in files. */
export function ListSelect({ value, onChange, label = "List", ...props }: Props<string | number>) {
  const lists = useLists();
  const named = typeof value === "number" ? (lists.find((one) => one.id === value)?.name ?? `List ${value}`) : value;
  const choices = lists.map((one) => ({ name: one.name, hint: people(one.members) }));
  return <NameSelect label={label} placeholder="Choose a list" choices={choices} value={named} onChange={onChange} anyName={false} {...props} />;
}

/** Segments are named by id: they can be renamed. */
export function SegmentSelect({ value, onChange, label = "Segment", labelled, error, ...props }: Props<string | number>) {
  const told = useTold();
  const segments = useSegments();
  const chosen = segments.find((one) => one.id === value || (typeof value === "string" && one.name.toLowerCase() === value.toLowerCase()));
  const known = segments.map((one) => ({ value: String(one.id), label: one.name }));
  const data = chosen || value === "" ? known : [{ value: String(value), label: typeof value === "number" ? `Segment ${value}` : value }, ...known];
  const shown = chosen?.name ?? String(value);
  return (
    <Select
      size={labelled ? "sm" : "xs"}
      label={labelled ? label : undefined}
      aria-label={labelled ? undefined : label}
      placeholder="Choose a segment"
      searchable
      data={data}
      value={chosen ? String(chosen.id) : value === "" ? null : String(value)}
      onChange={(next) => next !== null && onChange(/^\d+$/.test(next) ? Number(next) : next)}
      allowDeselect={false}
      nothingFoundMessage="No such segment"
      maxDropdownHeight={320}
      w={labelled ? undefined : `${Math.min(36, Math.max(18, shown.length + 5))}ch`}
      maw="100%"
      error={labelled ? error : told && error}
      {...(props as Omit<SelectProps, "value" | "onChange" | "data">)}
    />
  );
}
