// A split by what is known of the person: yes, or no.
import { Text } from "@mantine/core";

import type { DrawerProps } from "../drawer";
import { AsksPerson } from "../fields/Asks";
import type { Split } from "../steps";

export function SplitDrawer({ step, put, problems }: DrawerProps<Split>) {
  return (
    <>
      <AsksPerson label="Yes, if" value={step.if} onChange={(condition) => put({ if: condition }, "if")} path="if" problems={problems} />
      <Text size="xs" c="dimmed">Asked when somebody comes here. Both ways go on with what follows the split.</Text>
    </>
  );
}
