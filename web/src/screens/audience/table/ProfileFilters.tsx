// The filters of the table of people.
import { Button, Group, Radio, Select, Stack, Text, TextInput } from "@mantine/core";
import { useState } from "react";

import { query } from "@/api/client";
import { words } from "@/ui/formats";

import { FilterChip } from "./FilterChip";
import { FILTERS, type FilterName, type TableAddress } from "./filters";

interface Props {
  address: Partial<TableAddress>;
  /** They are those of one list already. */
  within: boolean;
  onChange: (change: Partial<TableAddress>) => void;
}

export function ProfileFilters({ address, within, onChange }: Props) {
  const lists = query.useQuery("get", "/api/v1/lists");
  const segments = query.useQuery("get", "/api/v1/segments", { params: { query: { limit: 1000 } } });
  const set = (name: FilterName) => (value: string | undefined) => onChange({ [name]: value });
  const named = (found: { id: number; name: string }[] | undefined, id: string | undefined) => id && (found?.find((one) => String(one.id) === id)?.name ?? id);
  const any = FILTERS.some((name) => address[name]);
  return (
    <Group gap={6}>
      <Choices label="Consent" value={address.consent} shown={address.consent && words(address.consent)} onChange={set("consent")}
        options={["subscribed", "unsubscribed", "never_subscribed"].map((value) => ({ value, label: words(value) }))} />
      {!within && <Choices label="List" value={address.list} shown={named(lists.data, address.list)} onChange={set("list")}
        options={(lists.data ?? []).map((one) => ({ value: String(one.id), label: one.name }))} />}
      <Choices label="Segment" value={address.segment} shown={named(segments.data?.data, address.segment)} onChange={set("segment")}
        options={(segments.data?.data ?? []).map((one) => ({ value: String(one.id), label: one.name }))} />
      <Typed label="Country" hint="As it is stored, such as DE" value={address.country} onChange={set("country")} />
      <Choices label="Suppressed" value={address.suppressed} shown={address.suppressed === "yes" ? "Yes" : "No"} onChange={set("suppressed")}
        options={[{ value: "yes", label: "Yes, nothing is sent to them" }, { value: "no", label: "No" }]} />
      <Typed label="Created since" hint="The day" type="date" value={address.since} onChange={set("since")} />
      {any && <Button size="xs" variant="subtle" color="gray" onClick={() => onChange(Object.fromEntries(FILTERS.map((name) => [name, undefined])))}>Clear filters</Button>}
    </Group>
  );
}

interface Choice {
  label: string;
  value: string | undefined;
  onChange: (value: string | undefined) => void;
}

const FEW = 6;

function Choices({ label, value, shown, options, onChange }: Choice & { shown?: string; options: { value: string; label: string }[] }) {
  return (
    <FilterChip label={label} chosen={value ? shown : undefined} onClear={() => onChange(undefined)}>
      {(close) => {
        const choose = (chosen: string | null) => {
          onChange(chosen ?? undefined);
          close();
        };
        return options.length > FEW ? (
          <Select label={label} data={options} value={value ?? null} searchable defaultDropdownOpened comboboxProps={{ withinPortal: false }} nothingFoundMessage="Nothing by this name." onChange={choose} data-autofocus />
        ) : (
          <Radio.Group label={label} value={value ?? ""} onChange={onChange}>
            <Stack gap="xs" mt="xs">
              {options.map((one) => <Radio key={one.value} size="sm" value={one.value} label={one.label} />)}
              {options.length === 0 && <Text size="sm" c="dimmed">There is none yet.</Text>}
            </Stack>
          </Radio.Group>
        );
      }}
    </FilterChip>
  );
}

function Typed({ label, hint, type = "text", value, onChange }: Choice & { hint: string; type?: "text" | "date" }) {
  return (
    <FilterChip label={label} chosen={value} onClear={() => onChange(undefined)}>
      {(close) => <TypedForm label={label} hint={hint} type={type} value={value} onDone={(given) => { onChange(given || undefined); close(); }} />}
    </FilterChip>
  );
}

function TypedForm({ label, hint, type, value, onDone }: { label: string; hint: string; type: string; value: string | undefined; onDone: (value: string) => void }) {
  const [given, setGiven] = useState(value ?? "");
  return (
    <form onSubmit={(event) => { event.preventDefault(); onDone(given.trim()); }}>
      <Stack gap="xs">
        <TextInput label={label} description={hint} type={type} value={given} onChange={(event) => setGiven(event.currentTarget.value)} data-autofocus />
        <Button size="xs" type="submit">Apply</Button>
      </Stack>
    </form>
  );
}
