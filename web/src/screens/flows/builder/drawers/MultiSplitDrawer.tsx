// A split with several branches: people go the first way that fits.
import { Button, Group, Stack, Text } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";

import { useBuilder } from "../builder";
import { addBranch, changeBranch } from "../document";
import type { DrawerProps } from "../drawer";
import { AsksPerson, AsksTrigger } from "../fields/Asks";
import type { MultiSplit, Step } from "../steps";
import { BranchFrame } from "./BranchFrame";

export function MultiSplitDrawer({ step, put, problems }: DrawerProps<MultiSplit>) {
  const { editable } = useBuilder();
  const write = (next: Step, about?: string) => put(next as MultiSplit, about);
  return (
    <Stack>
      <Text size="xs" c="dimmed">From top to bottom; the first that fits is taken. Who fits none goes with “Everyone else”.</Text>
      {step.split.map((branch, index) => (
        <BranchFrame key={index} step={step} index={index} write={write}>
          {branch.if_event !== undefined ? (
            <AsksTrigger label="If the event" value={branch.if_event} onChange={(if_event) => write(changeBranch(step, index, { if_event }), `branch ${index}`)} path={`split[${index}].if_event`} problems={problems} />
          ) : (
            <AsksPerson label="If" value={branch.if ?? []} onChange={(condition) => write(changeBranch(step, index, { if: condition }), `branch ${index}`)} path={`split[${index}].if`} problems={problems} />
          )}
        </BranchFrame>
      ))}
      {editable && step.split.length < 20 && (
        <Group gap="xs">
          <Button size="xs" variant="default" leftSection={<IconPlus size={14} />} onClick={() => write(addBranch(step, { if: [], then: [] }))}>A branch by the person</Button>
          <Button size="xs" variant="default" leftSection={<IconPlus size={14} />} onClick={() => write(addBranch(step, { if_event: [], then: [] }))}>By the event</Button>
        </Group>
      )}
    </Stack>
  );
}
