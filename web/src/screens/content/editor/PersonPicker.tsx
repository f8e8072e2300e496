// For whom the preview is: a person of the brand, found by name or address, and one of their events.
import { Combobox, Group, InputBase, Loader, ScrollArea, Select, Stack, Text, useCombobox } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconBolt, IconUser } from "@tabler/icons-react";
import { useState } from "react";

import { query } from "@/api/client";
import type { components } from "@/api/schema";
import { useTimes } from "@/ui/times";

import type { AsWhom } from "../email";

type Person = Pick<components["schemas"]["ProfileOut"], "id" | "email" | "external_id" | "first_name" | "last_name">;

interface Props {
  value: AsWhom;
  onChange: (as: AsWhom) => void;
}

export function PersonPicker({ value, onChange }: Props) {
  return (
    <Group gap="xs" grow wrap="nowrap" preventGrowOverflow={false} style={{ flex: "1 1 280px", minWidth: 0 }}>
      <People value={value.profile_id ?? null} onChange={(profile_id) => onChange({ profile_id, event_id: null })} />
      <Events profile={value.profile_id ?? null} value={value.event_id ?? null} onChange={(event_id) => onChange({ ...value, event_id })} />
    </Group>
  );
}

const NOBODY = "";

function People({ value, onChange }: { value: number | null; onChange: (id: number | null) => void }) {
  const [typed, setTyped] = useState<string | null>(null);
  const [asked] = useDebouncedValue((typed ?? "").trim(), 250);
  const combobox = useCombobox({ onDropdownClose: () => setTyped(null) });
  const found = query.useQuery("get", "/api/v1/profiles/table", { params: { query: { q: asked || null, limit: 20, sort: "created" } } }, { enabled: combobox.dropdownOpened, placeholderData: (before) => before });
  const chosen = query.useQuery("get", "/api/v1/profiles/{profile_id}", { params: { path: { profile_id: value ?? 0 } } }, { enabled: value !== null });
  const name = value === null ? "Nobody in particular" : chosen.data ? called(chosen.data) : chosen.error ? "Not found" : "…";
  return (
    <Combobox
      store={combobox}
      shadow="md"
      onOptionSubmit={(id) => {
        onChange(id === NOBODY ? null : Number(id));
        combobox.closeDropdown();
      }}
    >
      <Combobox.Target>
        <InputBase
          size="xs"
          aria-label="Shown as this person"
          leftSection={<IconUser size={14} aria-hidden />}
          rightSection={found.isFetching ? <Loader size={12} /> : <Combobox.Chevron />}
          rightSectionPointerEvents="none"
          placeholder="Search people"
          value={typed ?? name}
          onFocus={() => combobox.openDropdown()}
          onClick={() => {
            setTyped((now) => now ?? "");
            combobox.openDropdown();
          }}
          onBlur={() => combobox.closeDropdown()}
          onChange={(event) => {
            setTyped(event.currentTarget.value);
            combobox.openDropdown();
          }}
        />
      </Combobox.Target>
      <Combobox.Dropdown miw={260}>
        <Combobox.Options>
          <ScrollArea.Autosize mah={280} type="scroll">
            {!asked && <Combobox.Option value={NOBODY}><Text size="sm">Nobody in particular</Text></Combobox.Option>}
            {found.data?.data.map((one) => (
              <Combobox.Option key={one.id} value={String(one.id)} active={one.id === value}>
                <Stack gap={0}>
                  <Text size="sm" truncate>{called(one)}</Text>
                  {one.email && <Text size="xs" c="dimmed" truncate>{one.email}</Text>}
                </Stack>
              </Combobox.Option>
            ))}
            {found.data?.data.length === 0 && <Combobox.Empty>Nobody is found by “{asked}”.</Combobox.Empty>}
          </ScrollArea.Autosize>
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}

function Events({ profile, value, onChange }: { profile: number | null; value: string | null; onChange: (id: string | null) => void }) {
  const times = useTimes();
  const found = query.useQuery("get", "/api/v1/content/people/{profile_id}/events", { params: { path: { profile_id: profile ?? 0 } } }, { enabled: profile !== null });
  return (
    <Select
      size="xs"
      aria-label="About this event"
      leftSection={<IconBolt size={14} aria-hidden />}
      placeholder={profile === null ? "No event" : found.data?.length === 0 ? "No events yet" : "About no event"}
      disabled={profile === null || found.data?.length === 0}
      clearable
      searchable
      value={value}
      onChange={onChange}
      comboboxProps={{ width: 300, position: "bottom-end" }}
      data={(found.data ?? []).map((one) => ({ value: one.id, label: `${one.metric}, ${times.moment(one.at)}` }))}
      clearButtonProps={{ "aria-label": "About no event" }}
    />
  );
}

function called(one: Person): string {
  return [one.first_name, one.last_name].filter(Boolean).join(" ") || one.email || one.external_id || `Profile ${one.id}`;
}
