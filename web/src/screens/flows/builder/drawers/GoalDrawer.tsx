// A goal: whoever reaches it anywhere above goes on from here at once.
import { Radio, Stack, Text } from "@mantine/core";

import type { DrawerProps } from "../drawer";
import { AsksPerson } from "../fields/Asks";
import type { Goal } from "../steps";

export function GoalDrawer({ step, put, problems }: DrawerProps<Goal>) {
  return (
    <>
      <AsksPerson label="The goal" value={step.goal} onChange={(goal) => put({ goal }, "goal")} path="goal" problems={problems} />
      <Radio.Group label="Who arrives without having reached it" value={step.unmet ?? "go_on"} onChange={(unmet) => put({ unmet: unmet === "go_on" ? undefined : (unmet as Goal["unmet"]) })}>
        <Stack gap="xs" mt="xs">
          <Radio value="go_on" label="Goes on" />
          <Radio value="wait" label="Waits here until it is reached" />
          <Radio value="leave" label="Leaves the flow" />
        </Stack>
      </Radio.Group>
      <Text size="xs" c="dimmed">Whoever is above and reaches it skips everything in between.</Text>
    </>
  );
}
