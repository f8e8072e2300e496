// One branch in a drawer: its name, its place among the others, and what it asks.
import { ActionIcon, Group, Paper, Stack, Text, TextInput } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconTrash } from "@tabler/icons-react";
import type { ReactNode } from "react";

import { branchesOf, withBranches } from "../branches";
import { useBuilder } from "../builder";
import { changeBranch, removeBranch } from "../document";
import type { Step } from "../steps";

interface Props {
  step: Step;
  index: number;
  /** The step with its branches changed. */
  write: (step: Step, about?: string) => void;
  children: ReactNode;
  /** A branch with a name that the card shows. */
  placeholder?: string;
}

export function BranchFrame({ step, index, write, children, placeholder }: Props) {
  const { editable } = useBuilder();
  const branches = branchesOf(step);
  const branch = branches[index]!;
  const steps = branch.then?.length ?? 0;
  const swap = (by: -1 | 1) => write(withBranches(step, branches.toSpliced(index, 1).toSpliced(index + by, 0, branch)));
  return (
    <Paper withBorder p="sm">
      <Stack gap="sm">
        <Group justify="space-between" wrap="nowrap">
          <TextInput aria-label={`Name of branch ${index + 1}`} placeholder={placeholder ?? `Branch ${index + 1}`} value={branch.name ?? ""} size="xs" style={{ flex: 1 }} onChange={(event) => write(changeBranch(step, index, { name: event.currentTarget.value || undefined }), `name ${index}`)} />
          {editable && <Group gap={0} wrap="nowrap">
            <ActionIcon size="md" aria-label={`Move branch ${index + 1} before the one above`} disabled={index === 0} onClick={() => swap(-1)}><IconArrowUp size={15} /></ActionIcon>
            <ActionIcon size="md" aria-label={`Move branch ${index + 1} after the one below`} disabled={index === branches.length - 1} onClick={() => swap(1)}><IconArrowDown size={15} /></ActionIcon>
            <ActionIcon size="md" color="red" aria-label={`Remove branch ${index + 1}`} disabled={branches.length === 1} onClick={() => write(removeBranch(step, index))}><IconTrash size={15} /></ActionIcon>
          </Group>}
        </Group>
        {children}
        {steps > 0 && <Text size="xs" c="dimmed">{steps === 1 ? "1 step goes" : `${steps} steps go`} with this branch.</Text>}
      </Stack>
    </Paper>
  );
}
