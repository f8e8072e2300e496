// A split by chance: fixed shares of all people.
import { Button, NumberInput, Stack, Text } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";

import { useBuilder } from "../builder";
import { addBranch, changeBranch } from "../document";
import type { DrawerProps } from "../drawer";
import type { RandomSplit, Step } from "../steps";
import { BranchFrame } from "./BranchFrame";
import { Shares } from "./Shares";

export function RandomSplitDrawer({ step, put, wrong }: DrawerProps<RandomSplit>) {
  const { editable } = useBuilder();
  const write = (next: Step, about?: string) => put(next as RandomSplit, about);
  const { random } = step;
  return (
    <Stack>
      <Text size="xs" c="dimmed">The same person always goes the same way, also when they come again.</Text>
      {random.map((branch, index) => (
        <BranchFrame key={index} step={step} index={index} write={write}>
          <NumberInput label="Share" suffix=" %" min={0} max={100} decimalScale={2} value={branch.share ?? ""} error={wrong(`random[${index}].share`)} onChange={(share) => write(changeBranch(step, index, { share: Number(share) || 0 }), `share ${index}`)} />
        </BranchFrame>
      ))}
      <Shares shares={random.map((branch) => branch.share ?? 0)} error={wrong("random")} even={(shares) => put({ random: random.map((branch, index) => ({ ...branch, share: shares[index]! })) })} />
      {editable && random.length < 20 && <Button size="xs" variant="default" leftSection={<IconPlus size={14} />} style={{ alignSelf: "flex-start" }} onClick={() => write(addBranch(step, { name: String.fromCodePoint(65 + random.length), share: 0, then: [] }))}>Another branch</Button>}
    </Stack>
  );
}
