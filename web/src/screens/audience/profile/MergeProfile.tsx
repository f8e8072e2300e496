// Two profiles that are one person: the other one goes into this one, for good.
import { Select, Stack, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api, query } from "@/api/client";
import { tellDone } from "@/app/notices";
import { ConfirmModal } from "@/ui/confirm";

import { called, type Profile, type Row } from "../people";

interface Props {
  profile: Profile;
  opened: boolean;
  onClose: () => void;
}

export function MergeProfile({ profile, opened, onClose }: Props) {
  const [other, setOther] = useState<Row | null>(null);
  const client = useQueryClient();
  const go = async () => {
    if (!other) throw new Error("Choose the other profile.");
    await api.POST("/api/v1/profiles/merge", { body: { destination: profile.id, source: other.id } });
    await client.invalidateQueries({ queryKey: ["get"] });
    tellDone(`${named(other)} was merged into this profile.`);
    setOther(null);
  };
  return (
    <ConfirmModal opened={opened} onClose={onClose} onConfirm={go} title="Merge another profile into this one" action="Merge" danger>
      <Stack gap="sm">
        <OtherProfile self={profile.id} chosen={other} onChange={setOther} />
        <Text size="sm">
          {other ? <><b>{named(other)}</b> goes, and its events, lists and emails become those of <b>{called(profile)}</b>.</> : <>The other profile goes; its events, lists and emails become those of <b>{called(profile)}</b>.</>}
          {" "}Where both know a fact, this profile’s stays. Of their decisions about email the later one counts, and a suppression of either stays. This cannot be undone.
        </Text>
      </Stack>
    </ConfirmModal>
  );
}

function OtherProfile({ self, chosen, onChange }: { self: number; chosen: Row | null; onChange: (row: Row | null) => void }) {
  const [typed, setTyped] = useState("");
  const [q] = useDebouncedValue(typed.trim(), 250);
  const found = query.useQuery("get", "/api/v1/profiles/table", { params: { query: { q: q || undefined, limit: 20 } } }, { placeholderData: keepPreviousData });
  const rows = (found.data?.data ?? []).filter((one) => one.id !== self);
  const known = chosen && !rows.some((one) => one.id === chosen.id) ? [chosen, ...rows] : rows;
  return (
    <Select
      label="The other profile"
      placeholder="Search by name, address or external id"
      data={known.map((one) => ({ value: String(one.id), label: named(one) }))}
      filter={({ options }) => options}
      value={chosen ? String(chosen.id) : null}
      onChange={(id) => onChange(known.find((one) => String(one.id) === id) ?? null)}
      onSearchChange={(text) => setTyped(chosen && text === named(chosen) ? "" : text)}
      searchable
      openOnFocus={false}
      nothingFoundMessage={found.isFetching ? "Searching…" : "Nobody like this."}
      data-autofocus
    />
  );
}

/** The name with the address, as two people may share a name. */
function named(one: Row): string {
  const name = called(one);
  const second = one.email ?? one.external_id ?? one.phone;
  return second && second !== name ? `${name}, ${second}` : `${name} (${one.id})`;
}
