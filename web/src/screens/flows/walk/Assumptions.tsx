// What the person is assumed to do on the way: an hour after the second email they order, say.
import { ActionIcon, Button, Group, NumberInput, Paper, Select, Stack, Text } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";

import type { components } from "@/api/schema";
import { query } from "@/api/client";

export interface Assumed {
  id: number;
  /** The step that it follows; "": the beginning. */
  step: string;
  amount: number;
  unit: "minutes" | "hours" | "days";
  /** A metric, or UNSUBSCRIBES. */
  does: string;
}

export const UNSUBSCRIBES = "·unsubscribes";

const MINUTES = { minutes: 1, hours: 60, days: 1440 } as const;

/** As the API takes it. */
export function asked(one: Assumed): components["schemas"]["AssumedIn"] {
  const unsubscribes = one.does === UNSUBSCRIBES;
  return { step: one.step || null, minutes: Math.min(one.amount * MINUTES[one.unit], 525_600), metric: unsubscribes ? null : one.does, unsubscribes, properties: {} };
}

interface Props {
  value: Assumed[];
  onChange: (value: Assumed[]) => void;
  /** Steps that something can follow: emails and the like. */
  steps: { value: string; label: string }[];
  /** Those that could not be placed: the person never comes there. */
  misses: readonly number[];
}

export function Assumptions({ value, onChange, steps, misses }: Props) {
  const metrics = query.useQuery("get", "/api/v1/metrics", {}, { staleTime: 60_000 });
  const names = [...new Set(["Placed Order", ...(metrics.data?.map((one) => one.name) ?? [])])];
  const put = (id: number, by: Partial<Assumed>) => onChange(value.map((one) => (one.id === id ? { ...one, ...by } : one)));
  const add = () => onChange([...value, { id: Math.max(0, ...value.map((one) => one.id)) + 1, step: steps[0]?.value ?? "", amount: 1, unit: "hours", does: "Placed Order" }]);
  return (
    <Stack gap="xs">
      <Text size="sm" fw={500}>What they do on the way</Text>
      {value.length === 0 && <Text size="sm" c="dimmed">Nothing: they only receive.</Text>}
      {value.map((one, index) => (
        <Paper key={one.id} withBorder p="xs" component="section" aria-label={`Assumption ${index + 1}`}>
          <Stack gap="xs">
            <Group gap="xs" wrap="nowrap">
              <Select size="xs" aria-label="What they do" searchable style={{ flex: 1 }} value={one.does} onChange={(does) => does && put(one.id, { does })} data={[{ value: UNSUBSCRIBES, label: "Unsubscribes" }, ...names.map((name) => ({ value: name, label: name }))]} />
              <ActionIcon aria-label={`Take assumption ${index + 1} away`} onClick={() => onChange(value.filter((other) => other.id !== one.id))}><IconX size={16} aria-hidden /></ActionIcon>
            </Group>
            <Group gap="xs" wrap="nowrap">
              <NumberInput size="xs" aria-label="How long after" min={0} max={10_000} allowDecimal={false} style={{ flex: 1 }} value={one.amount} onChange={(amount) => put(one.id, { amount: Number(amount) || 0 })} />
              <Select size="xs" aria-label="Unit" w={110} allowDeselect={false} value={one.unit} onChange={(unit) => put(one.id, { unit: unit as Assumed["unit"] })} data={["minutes", "hours", "days"]} />
            </Group>
            <Select size="xs" aria-label="After what" allowDeselect={false} value={one.step} onChange={(step) => put(one.id, { step: step ?? "" })} data={[{ value: "", label: "after the beginning" }, ...steps.map((step) => ({ ...step, label: `after ${step.label}` }))]} />
            {misses.includes(index) && <Text size="xs" c="var(--mantine-color-yellow-light-color)">They never come to this step, so it is left out.</Text>}
          </Stack>
        </Paper>
      ))}
      <Button size="xs" variant="default" leftSection={<IconPlus size={14} aria-hidden />} onClick={add} style={{ alignSelf: "flex-start" }}>Assume something</Button>
    </Stack>
  );
}
