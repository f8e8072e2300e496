// A name to choose from those that are known, or a new one: what has not happened yet can be asked for, too.
import { Group, Select, type SelectProps, Text } from "@mantine/core";
import { useState } from "react";

import { useTold } from "./editing";
import { useWhenOpened } from "./fields";
import { chosenName, type NameChoice, offered } from "./offered";

export interface NameSelectProps extends Omit<SelectProps, "data" | "value" | "onChange" | "label"> {
  label: string;
  /** Where it stands by itself, in a form: the label is seen. */
  labelled?: boolean;
  value: string;
  onChange: (value: string) => void;
  choices: NameChoice[];
  /** Whether a name that is not among them may be used. */
  anyName?: boolean;
}

export function NameSelect({ label, labelled, value, onChange, choices, anyName = true, error, ...more }: NameSelectProps) {
  const told = useTold();
  const [search, setSearch] = useState(value);
  const hints = new Map(choices.map((one) => [one.name, one.hint]));
  const { opened, onDropdownOpen } = useWhenOpened();
  const typed = search.trim();
  const data = offered(choices, value, anyName ? typed : "");
  return (
    <Select
      size={labelled ? "sm" : "xs"}
      label={labelled ? label : undefined}
      aria-label={labelled ? undefined : label}
      searchable
      searchValue={search}
      onSearchChange={setSearch}
      data={opened ? data : value ? [{ value, label: value }] : []}
      onDropdownOpen={onDropdownOpen}
      value={value || null}
      onChange={(next) => next !== null && onChange(chosenName(choices, next))}
      allowDeselect={false}
      nothingFoundMessage="Nothing of this name"
      maxDropdownHeight={320}
      limit={200}
      comboboxProps={{ width: labelled ? "target" : "max-content", position: "bottom-start", shadow: "md" }}
      w={labelled ? undefined : `${Math.min(36, Math.max(18, value.length + 5))}ch`}
      maw="100%"
      renderOption={({ option }) => (
        <Group justify="space-between" wrap="nowrap" gap="lg" w="100%">
          <Text size="sm" inherit>{option.label}</Text>
          {hints.get(option.value) && <Text size="xs" c="dimmed" className="numbers">{hints.get(option.value)}</Text>}
        </Group>
      )}
      error={labelled ? error : told && error}
      {...more}
    />
  );
}
