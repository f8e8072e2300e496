// Whether a step does its work, is held for review, or is left out.
import { Input, SegmentedControl, Text } from "@mantine/core";

import type { Status } from "../steps";

/** Of what is sent, and of what is done. */
const SAYS: Record<"sent" | "done", Record<Status, string>> = {
  sent: {
    live: "Goes as soon as somebody comes to it.",
    manual: "Each person is held here until somebody of the team sends it or declines.",
    draft: "Not sent; people go on to the next step.",
  },
  done: {
    live: "Done as soon as somebody comes to it.",
    manual: "Each person is held here until somebody of the team approves or declines.",
    draft: "Not done; people go on to the next step.",
  },
};

interface Props {
  value: Status | undefined;
  onChange: (value: Status | undefined) => void;
  /** Whether it is something that is sent. */
  sent?: boolean;
}

export function StatusField({ value = "live", onChange, sent }: Props) {
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
      <Text size="xs" c="dimmed" mt={4}>{SAYS[sent ? "sent" : "done"][value]}</Text>
    </Input.Wrapper>
  );
}
