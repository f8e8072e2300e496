// Choosing a saved email by its name or subject: for campaigns and flows.
import { Combobox, Group, InputBase, Loader, ScrollArea, Stack, Text, useCombobox } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useState } from "react";

import { query } from "@/api/client";

import type { Template } from "./email";

interface Props {
  value: number | null;
  onChange: (template: Template) => void;
  label?: string;
  description?: string;
  error?: string | null;
  required?: boolean;
  disabled?: boolean;
}

export function TemplatePicker({ value, onChange, label = "Email", description, error, required, disabled }: Props) {
  const [typed, setTyped] = useState<string | null>(null);
  const [q] = useDebouncedValue(typed ?? "", 200);
  const combobox = useCombobox({ onDropdownClose: () => setTyped(null) });
  const found = query.useQuery("get", "/api/v1/templates", { params: { query: { q, sort: "-updated", limit: 30 } } });
  const chosen = query.useQuery("get", "/api/v1/templates/{template_id}", { params: { path: { template_id: value ?? 0 } } }, { enabled: value !== null });
  const choose = (id: string) => {
    const one = found.data?.data.find((template) => String(template.id) === id);
    if (one) onChange(one);
    combobox.closeDropdown();
  };
  return (
    <Combobox store={combobox} onOptionSubmit={choose} shadow="md" withinPortal>
      <Combobox.Target>
        <InputBase
          label={label}
          description={description}
          error={error}
          required={required}
          disabled={disabled}
          placeholder="Search emails by name or subject"
          value={typed ?? (value === null ? "" : (chosen.data?.name ?? ""))}
          rightSection={found.isFetching && combobox.dropdownOpened ? <Loader size={14} /> : <Combobox.Chevron />}
          rightSectionPointerEvents="none"
          onClick={() => combobox.openDropdown()}
          onFocus={() => combobox.openDropdown()}
          onBlur={() => combobox.closeDropdown()}
          onChange={(event) => {
            setTyped(event.currentTarget.value);
            combobox.openDropdown();
          }}
        />
      </Combobox.Target>
      <Combobox.Dropdown>
        <Combobox.Options>
          <ScrollArea.Autosize mah={280} type="scroll">
            {found.data?.data.map((one) => (
              <Combobox.Option key={one.id} value={String(one.id)} active={one.id === value}>
                <Stack gap={0}>
                  <Group gap="xs" wrap="nowrap"><Text size="sm" fw={500} truncate>{one.name}</Text></Group>
                  <Text size="xs" c="dimmed" truncate>{one.subject}</Text>
                </Stack>
              </Combobox.Option>
            ))}
            {found.data?.data.length === 0 && <Combobox.Empty>{q ? `No email has “${q}” in its name or subject.` : "There are no emails yet."}</Combobox.Empty>}
            {found.error && <Combobox.Empty>Emails could not be listed. Try again.</Combobox.Empty>}
          </ScrollArea.Autosize>
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}
