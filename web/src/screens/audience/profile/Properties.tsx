// The brand's own properties of a person: shown, added, changed and removed one by one.
import { ActionIcon, Button, Card, Group, Select, Stack, Table, Text, Textarea, TextInput, Title } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { IconPencil, IconPlus } from "@tabler/icons-react";
import { useState } from "react";

import { api, ApiError } from "@/api/client";
import { tellDone } from "@/app/notices";
import { useMay } from "@/app/session";
import { FormDrawer } from "@/ui/FormDrawer";

import type { Profile } from "../people";
import { type Kind, kindOf, read, said } from "./values";

const FEW = 12;
const KINDS = [
  { value: "text", label: "Text" },
  { value: "number", label: "Number" },
  { value: "boolean", label: "Yes or no" },
  { value: "other", label: "JSON" },
];

export function Properties({ profile }: { profile: Profile }) {
  const [editing, setEditing] = useState<string | null>(null);
  const [all, setAll] = useState(false);
  const mayChange = useMay("marketer");
  const names = Object.keys(profile.properties).sort((one, other) => one.localeCompare(other));
  return (
    <Card component="section" aria-label="Properties">
      <Group justify="space-between" mb="xs">
        <Title order={2} fz="md">Properties</Title>
        {mayChange && <Button size="xs" variant="default" leftSection={<IconPlus size={14} aria-hidden />} onClick={() => setEditing("")}>Add</Button>}
      </Group>
      {names.length === 0 && <Text size="sm" c="dimmed">None yet. They come with imports, events and sign-up forms, and segments and emails can use them.</Text>}
      <Table layout="fixed" verticalSpacing={6} horizontalSpacing={0} withRowBorders={false} aria-label="Properties">
        <Table.Tbody>
          {(all ? names : names.slice(0, FEW)).map((name) => (
            <Table.Tr key={name}>
              <Table.Th scope="row" fw={400} c="dimmed" w="40%" style={{ overflowWrap: "anywhere" }}>{name}</Table.Th>
              <Table.Td style={{ overflowWrap: "anywhere" }}><Text size="sm" lineClamp={4}>{said(profile.properties[name])}</Text></Table.Td>
              {mayChange && <Table.Td w={44} p={0}><ActionIcon aria-label={`Edit ${name}`} onClick={() => setEditing(name)}><IconPencil size={15} /></ActionIcon></Table.Td>}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {names.length > FEW && <Button size="xs" variant="subtle" mt="xs" onClick={() => setAll(!all)}>{all ? "Show fewer" : `Show all ${names.length}`}</Button>}
      {editing !== null && <EditProperty profile={profile} name={editing} onClose={() => setEditing(null)} />}
    </Card>
  );
}

function EditProperty({ profile, name, onClose }: { profile: Profile; name: string; onClose: () => void }) {
  const now = name ? profile.properties[name] : "";
  const [named, setNamed] = useState(name);
  const [kind, setKind] = useState<Kind>(kindOf(now));
  const [text, setText] = useState(typeof now === "string" ? now : JSON.stringify(now));
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<string | null>(null);
  const client = useQueryClient();
  const write = async (value: unknown, done: string) => {
    setBusy(true);
    setRefused(null);
    try {
      await api.PATCH("/api/v1/profiles/{profile_id}", { params: { path: { profile_id: profile.id } }, body: { properties: { [named.trim()]: value } } });
      await client.invalidateQueries({ queryKey: ["get"] });
      tellDone(done);
      onClose();
    } catch (error) {
      setRefused(error instanceof ApiError ? error.detail : "It could not be saved.");
    } finally {
      setBusy(false);
    }
  };
  const save = () => {
    const value = read(text, kind);
    if (!named.trim()) return setRefused("Give the property a name.");
    if (value === undefined) return setRefused(kind === "number" ? "This is not a number. Write the decimal point as a dot." : "This is not a value of that kind.");
    return write(value, "The property is saved.");
  };
  return (
    <FormDrawer opened onClose={onClose} title={name ? "Edit property" : "Add property"} action="Save" busy={busy} refused={refused} onSubmit={save}>
      <TextInput label="Name" value={named} disabled={!!name} maxLength={200} onChange={(event) => setNamed(event.currentTarget.value)} data-autofocus={!name || undefined} />
      <Select label="Kind" data={KINDS} value={kind} allowDeselect={false} onChange={(value) => setKind((value ?? "text") as Kind)} />
      {kind === "boolean" ? (
        <Select label="Value" data={[{ value: "true", label: "Yes" }, { value: "false", label: "No" }]} value={text} allowDeselect={false} onChange={(value) => setText(value ?? "")} />
      ) : (
        <Textarea label="Value" value={text} autosize minRows={1} maxRows={12} onChange={(event) => setText(event.currentTarget.value)} />
      )}
      {name && (
        <Stack align="flex-start">
          <Button variant="subtle" color="red" size="xs" disabled={busy} onClick={() => write(null, "The property is removed.")}>Remove this property</Button>
        </Stack>
      )}
    </FormDrawer>
  );
}
