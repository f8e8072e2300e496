// The days of a series as they are planned: name, email, time; added, moved by their time, taken out.
import { ActionIcon, Anchor, Button, Group, Paper, Select, Stack, Switch, Table, Text, TextInput, VisuallyHidden } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";

import { query } from "@/api/client";
import { useInBrand } from "@/app/places";
import { useBrand } from "@/app/session";

import { type Day, type Plan, withDay } from "./seriesPlan";
import { ZonedPicker } from "./ZonedPicker";

const MOST = 20;

interface Props {
  plan: Plan;
  now: string;
  wrong: Record<string, string>;
  onChange: (days: Day[]) => void;
}

export function DaysTable({ plan, now, wrong, onChange }: Props) {
  const { timezone } = useBrand();
  const inBrand = useInBrand();
  const templates = query.useQuery("get", "/api/v1/templates", { params: { query: { limit: 1000, sort: "name" } } });
  const emails = (templates.data?.data ?? []).map((one) => ({ value: String(one.id), label: one.name, subject: one.subject }));
  const change = (key: string, part: Partial<Day>) => onChange(plan.days.map((day) => (day.key === key ? { ...day, ...part } : day)));
  return (
    <Paper withBorder miw={0}>
      <Table.ScrollContainer minWidth={860} type="native" tabIndex={0} aria-label="The days of this series">
        <Table verticalSpacing="sm" aria-label="The days of this series">
          <Table.Thead>
            <Table.Tr>
              <Table.Th w={44} ta="right">Day</Table.Th>
              <Table.Th>Name</Table.Th>
              <Table.Th>Email</Table.Th>
              <Table.Th w={240}>Time in {timezone}</Table.Th>
              <Table.Th w={130}>Smart sending</Table.Th>
              <Table.Th w={52}><VisuallyHidden>Take out</VisuallyHidden></Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {plan.days.map((day, place) => (
              <Table.Tr key={day.key} style={{ verticalAlign: "top" }}>
                <Table.Td ta="right"><Text size="sm" c="dimmed" lh="36px">{place + 1}</Text></Table.Td>
                <Table.Td>
                  <TextInput aria-label={`Name of day ${place + 1}`} value={day.name} onChange={(event) => change(day.key, { name: event.currentTarget.value })} error={wrong[day.key]} maxLength={200} />
                </Table.Td>
                <Table.Td>
                  <Select
                    aria-label={`Email of day ${place + 1}`}
                    placeholder={templates.data ? "Choose an email" : "Loading…"}
                    data={emails}
                    value={day.template_id === null ? null : String(day.template_id)}
                    onChange={(value) => change(day.key, { template_id: value === null ? null : Number(value) })}
                    searchable
                    clearable
                    nothingFoundMessage="No template has this name."
                    renderOption={({ option }) => (
                      <Stack gap={0} miw={0}>
                        <Text size="sm" truncate>{option.label}</Text>
                        <Text size="xs" c="dimmed" truncate>{emails.find((one) => one.value === option.value)?.subject}</Text>
                      </Stack>
                    )}
                  />
                </Table.Td>
                <Table.Td>
                  <ZonedPicker aria-label={`Time of day ${place + 1} in ${timezone}`} value={day.send_at} onChange={(send_at) => change(day.key, { send_at })} now={now} past="This time has passed." />
                </Table.Td>
                <Table.Td>
                  <Switch mt={8} aria-label={`Smart sending on day ${place + 1}`} checked={day.smart_sending} onChange={(event) => change(day.key, { smart_sending: event.currentTarget.checked })} />
                </Table.Td>
                <Table.Td>
                  <ActionIcon size={36} aria-label={`Take out day ${place + 1}: ${day.name}`} onClick={() => onChange(plan.days.filter((one) => one.key !== day.key))}><IconTrash size={16} /></ActionIcon>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <Group p="sm" gap="sm">
        <Button variant="subtle" size="xs" leftSection={<IconPlus size={14} aria-hidden />} disabled={plan.days.length >= MOST} onClick={() => onChange(withDay(plan, `new-${Date.now()}`).days)}>Add a day</Button>
        {emails.length === 0 && templates.data && <Text size="sm">There is no email to choose yet: <Anchor component={Link} to={inBrand("/templates")} inherit underline="always">make a template first</Anchor>. Your plan is kept.</Text>}
        {wrong.days && <Text size="sm" c="red" role="alert">{wrong.days}</Text>}
        <Text size="xs" c="dimmed">They go out in the order of their times, at most {MOST}.</Text>
      </Group>
    </Paper>
  );
}
