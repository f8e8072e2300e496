// The caps of a brand as sentences that can be changed: at most 3 emails in 7 days.
import { ActionIcon, Button, Group, NumberInput, Select, Stack, Text } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";

import type { BrandOut } from "./useBrandForm";

type Cap = BrandOut["frequency_caps"][number];
const KINDS = [
  { value: "any", label: "emails of any kind" },
  { value: "flow", label: "emails of flows" },
  { value: "campaign", label: "campaigns" },
];
const MOST = 10;

interface Props {
  caps: Cap[];
  onChange: (caps: Cap[]) => void;
  locked: boolean;
  error?: string;
}

export function FrequencyCaps({ caps, onChange, locked, error }: Props) {
  const change = (at: number, given: Partial<Cap>) => onChange(caps.map((cap, index) => (index === at ? { ...cap, ...given } : cap)));
  return (
    <Stack gap="sm" align="flex-start">
      {caps.length === 0 && <Text size="sm" c="dimmed">There is no cap.</Text>}
      {caps.map((cap, at) => (
        <Group key={at} gap="xs" role="group" aria-label={`Cap ${at + 1}`}>
          <Text size="sm">At most</Text>
          <NumberInput aria-label="How many" w={76} min={1} max={100} allowDecimal={false} clampBehavior="strict" value={cap.at_most} readOnly={locked} onChange={(next) => typeof next === "number" && change(at, { at_most: next })} />
          <Select aria-label="Of what" w={178} data={KINDS} allowDeselect={false} value={cap.kind} disabled={locked} onChange={(next) => next && change(at, { kind: next as Cap["kind"] })} />
          <Text size="sm">in</Text>
          <NumberInput aria-label="Days" w={100} min={1} max={90} allowDecimal={false} clampBehavior="strict" suffix={cap.days === 1 ? " day" : " days"} value={cap.days} readOnly={locked} onChange={(next) => typeof next === "number" && change(at, { days: next })} />
          {!locked && <ActionIcon aria-label={`Remove cap ${at + 1}`} onClick={() => onChange(caps.filter((_, index) => index !== at))}><IconTrash size={17} /></ActionIcon>}
        </Group>
      ))}
      {error && <Text size="sm" c="red" role="alert">{error}</Text>}
      {!locked && caps.length < MOST && <Button variant="default" size="xs" leftSection={<IconPlus size={14} aria-hidden />} onClick={() => onChange([...caps, { kind: "any", at_most: 3, days: 7 }])}>Add a cap</Button>}
    </Stack>
  );
}
