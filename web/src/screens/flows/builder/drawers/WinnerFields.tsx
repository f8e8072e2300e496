// When an email of a test has won, and gets everybody from then on.
import { Input, NumberInput, Select, Stack, Switch, Text } from "@mantine/core";

import { without } from "../document";
import { SpanField } from "../fields/SpanField";
import type { AbTest, Winner } from "../steps";

interface Props {
  value: AbTest["winner"];
  onChange: (value: Winner | undefined, about?: string) => void;
  wrong: (field: string) => string | undefined;
}

const BY = [{ value: "clicks", label: "Most clicks" }, { value: "opens", label: "Most opens" }, { value: "orders", label: "Most orders within five days" }];

export function WinnerFields({ value, onChange, wrong }: Props) {
  const on = value !== undefined && value !== null;
  const set = (fields: Partial<Winner>, about?: string) => onChange(without({ ...value, ...fields }), about);
  return (
    <Input.Wrapper labelElement="div">
      <Switch label="Choose a winner" description="From then on everybody gets it. Otherwise the shares stay." checked={on} onChange={(event) => onChange(event.currentTarget.checked ? { by: "clicks" } : undefined)} />
      {on && (
        <Stack gap="sm" mt="sm">
          <Select label="Won by" data={BY} value={value.by ?? "clicks"} allowDeselect={false} onChange={(by) => set({ by: by as Winner["by"] })} error={wrong("winner.by")} />
          <NumberInput label="With a certainty of" suffix=" %" min={51} max={99.9} value={value.certainty ?? 90} error={wrong("winner.certainty")} onChange={(certainty) => set({ certainty: Number(certainty) || undefined }, "certainty")} />
          <NumberInput label="When each has gone to at least" suffix=" people" thousandSeparator min={1} max={1_000_000} value={value.at_least ?? 500} error={wrong("winner.at_least")} onChange={(least) => set({ at_least: Number(least) || undefined }, "at_least")} />
          <Switch label="At the latest after a time" checked={value.after !== undefined} onChange={(event) => set({ after: event.currentTarget.checked ? { days: 14 } : undefined })} />
          {value.after && <SpanField label="After" value={value.after} onChange={(after) => set({ after }, "after")} error={wrong("winner.after")} />}
          <Text size="xs" c="dimmed">Machine opens and clicks do not count.</Text>
        </Stack>
      )}
    </Input.Wrapper>
  );
}
