// What is known of a person beside what they do: identifiers, name and place, and a drawer to change them.
import { Anchor, Button, Card, Group, Table, Text, TextInput, Title } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api, ApiError } from "@/api/client";
import { tellDone } from "@/app/notices";
import { useMay } from "@/app/session";
import { FormDrawer } from "@/ui/FormDrawer";
import { Moment } from "@/ui/Moment";

import type { Profile } from "../people";

const FACTS = [
  ["email", "Email address"],
  ["phone", "Phone"],
  ["external_id", "External id"],
  ["first_name", "First name"],
  ["last_name", "Last name"],
  ["city", "City"],
  ["region", "Region"],
  ["country", "Country"],
  ["timezone", "Time zone"],
  ["locale", "Language"],
] as const;
type Fact = (typeof FACTS)[number][0];

const HINTS: Partial<Record<Fact, string>> = {
  phone: "In international form: +49 30 1234567",
  external_id: "The id in your shop",
  country: "Two letters, such as DE",
  timezone: "Such as Europe/Berlin; emails by the person's own time go by it",
  locale: "Such as de-DE",
};

export function Facts({ profile }: { profile: Profile }) {
  const [editing, setEditing] = useState(false);
  const mayChange = useMay("marketer");
  return (
    <Card component="section" aria-label="Facts">
      <Group justify="space-between" mb="xs">
        <Title order={2} fz="md">Facts</Title>
        {mayChange && <Button size="xs" variant="default" onClick={() => setEditing(true)}>Edit</Button>}
      </Group>
      <Table layout="fixed" verticalSpacing={6} horizontalSpacing={0} withRowBorders={false} aria-label="Facts">
        <Table.Tbody>
          {FACTS.map(([name, label]) => (
            <Table.Tr key={name}>
              <Table.Th scope="row" fw={400} c="dimmed" w="36%">{label}</Table.Th>
              <Table.Td style={{ overflowWrap: "anywhere" }}>{shown(name, profile[name])}</Table.Td>
            </Table.Tr>
          ))}
          <Table.Tr>
            <Table.Th scope="row" fw={400} c="dimmed">Last changed</Table.Th>
            <Table.Td><Moment at={profile.updated_at} /></Table.Td>
          </Table.Tr>
        </Table.Tbody>
      </Table>
      {editing && <EditFacts profile={profile} onClose={() => setEditing(false)} />}
    </Card>
  );
}

function shown(name: Fact, value: string | null) {
  if (!value) return <Text span c="dimmed">–</Text>;
  return name === "email" ? <Anchor href={`mailto:${value}`} size="sm">{value}</Anchor> : value;
}

function EditFacts({ profile, onClose }: { profile: Profile; onClose: () => void }) {
  const before = Object.fromEntries(FACTS.map(([name]) => [name, profile[name] ?? ""])) as Record<Fact, string>;
  const form = useForm<Record<Fact, string>>({ initialValues: before });
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<string | null>(null);
  const client = useQueryClient();
  const save = async () => {
    const changed = FACTS.filter(([name]) => form.values[name].trim() !== before[name]);
    if (changed.length === 0) return onClose();
    setBusy(true);
    setRefused(null);
    try {
      const body = { properties: {}, ...Object.fromEntries(changed.map(([name]) => [name, form.values[name].trim() || null])) };
      await api.PATCH("/api/v1/profiles/{profile_id}", { params: { path: { profile_id: profile.id } }, body });
      await client.invalidateQueries({ queryKey: ["get"] });
      tellDone("The profile is saved.");
      onClose();
    } catch (error) {
      const said = error instanceof ApiError ? error : null;
      const field = said?.field?.split(".").pop() ?? "";
      if (field in form.values) form.setFieldError(field, said?.detail);
      else setRefused(said?.detail ?? "It could not be saved.");
    } finally {
      setBusy(false);
    }
  };
  return (
    <FormDrawer opened onClose={onClose} title="Edit facts" action="Save" busy={busy} refused={refused} onSubmit={save}>
      {FACTS.map(([name, label]) => <TextInput key={name} label={label} description={HINTS[name]} {...form.getInputProps(name)} />)}
    </FormDrawer>
  );
}
