// Whether a step does its work, is held for review, or is left out.
import { Input, SegmentedControl, Text } from "@mantine/core";

import type { Status } from "../steps";

const SAYS: Record<Status, string> = {
  live: "Goes as soon as somebody comes to it.",
  manual: "Each person is held here until somebody of the team sends or declines.",
  draft: "Is skipped; people go on to the next step.",
};

export function StatusField({ value = "live", onChange }: { value: Status | undefined; onChange: (value: Status | undefined) => void }) {
  return (
    <Input.Wrapper label="Status" labelElement="div">
      <SegmentedControl
        fullWidth
        mt={4}
        aria-label="Status"
        value={value}
        onChange={(next) => onChange(next === "live" ? undefined : (next as Status))}
        data={[{ value: "draft", label: "Draft" }, { value: "manual", label: "Manual" }, { value: "live", label: "Live" }]}
      />
      <Text size="xs" c="dimmed" mt={4}>{SAYS[value]}</Text>
    </Input.Wrapper>
  );
}
