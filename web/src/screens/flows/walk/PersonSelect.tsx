// Somebody of the brand, found by name or address.
import { Loader, Select } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useState } from "react";

import { query } from "@/api/client";
import { called } from "@/screens/audience/people";

interface Props {
  value: number | null;
  onChange: (id: number | null) => void;
}

export function PersonSelect({ value, onChange }: Props) {
  const [typed, setTyped] = useState("");
  const [asked] = useDebouncedValue(typed.trim(), 250);
  const found = query.useQuery("get", "/api/v1/profiles/table", { params: { query: { q: asked || null, limit: 20 } } }, { staleTime: 30_000 });
  const chosen = query.useQuery("get", "/api/v1/profiles/{profile_id}", { params: { path: { profile_id: value ?? 0 } } }, { enabled: value !== null });
  const rows = (found.data?.data ?? []).map((one) => ({ value: String(one.id), label: said(one) }));
  const known = chosen.data && !rows.some((one) => one.value === String(value)) ? [{ value: String(chosen.data.id), label: said(chosen.data) }] : [];
  return (
    <Select
      label="Person"
      description="Anyone of the brand. Nothing is sent to them."
      placeholder="Search by name or address"
      searchable
      clearable
      clearButtonProps={{ "aria-label": "Nobody" }}
      data={[...known, ...rows]}
      // The server has searched already.
      filter={({ options }) => options}
      value={value === null ? null : String(value)}
      onChange={(id) => onChange(id === null ? null : Number(id))}
      onSearchChange={(text) => setTyped(rows.some((one) => one.label === text) || known.some((one) => one.label === text) ? "" : text)}
      rightSection={found.isFetching ? <Loader size={14} /> : undefined}
      nothingFoundMessage={found.isFetching ? "Searching …" : "Nobody is found by this."}
    />
  );
}

function said(one: Parameters<typeof called>[0] & { email?: string | null }): string {
  const name = called(one);
  return one.email && one.email !== name ? `${name}, ${one.email}` : name;
}
