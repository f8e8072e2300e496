// Waiting until something happens: what for, for how long, and what starts the time anew.
import { Button, Group, Input, Stack, Switch, Text } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";

import { useBuilder } from "../builder";
import { addBranch, changeBranch } from "../document";
import type { DrawerProps } from "../drawer";
import { AsksPerson } from "../fields/Asks";
import { OccurrenceField } from "../fields/OccurrenceField";
import { SpanField } from "../fields/SpanField";
import type { Occurrence, Step, WaitFor } from "../steps";
import { BranchFrame } from "./BranchFrame";

const event = (one: Occurrence | string): Occurrence => (typeof one === "string" ? { metric: one } : one);

export function WaitForDrawer({ step, put, problems, wrong }: DrawerProps<WaitFor>) {
  const { editable } = useBuilder();
  const write = (next: Step, about?: string) => put(next as WaitFor, about);
  return (
    <Stack>
      <SpanField label="Wait for up to" value={step.within} onChange={(within) => put({ within }, "within")} error={wrong("within")} />
      <Text size="sm" fw={500}>Until the first of these</Text>
      {step.wait_for.map((branch, index) => (
        <BranchFrame key={index} step={step} index={index} write={write} placeholder={branch.metric || `Branch ${index + 1}`}>
          {branch.metric !== undefined ? (
            <OccurrenceField label="This happens" value={{ metric: branch.metric, where: branch.where }} onChange={({ metric, where }) => write(changeBranch(step, index, { metric, where }), `branch ${index}`)} path={`wait_for[${index}]`} problems={problems} />
          ) : (
            <AsksPerson label="This becomes true" value={branch.if ?? []} onChange={(condition) => write(changeBranch(step, index, { if: condition }), `branch ${index}`)} path={`wait_for[${index}].if`} problems={problems} />
          )}
        </BranchFrame>
      ))}
      {editable && step.wait_for.length < 20 && (
        <Group gap="xs">
          <Button size="xs" variant="default" leftSection={<IconPlus size={14} />} onClick={() => write(addBranch(step, { metric: "", then: [] }))}>Another event</Button>
          <Button size="xs" variant="default" leftSection={<IconPlus size={14} />} onClick={() => write(addBranch(step, { if: [], then: [] }))}>A condition</Button>
        </Group>
      )}
      <Switch label="Count what happened before" description="Since the flow began, not only while the person waits here." checked={step.count_past ?? false} onChange={(change) => put({ count_past: change.currentTarget.checked || undefined })} />
      <Input.Wrapper label="Start the time anew on" description="While somebody waits, each of these begins the time again." labelElement="div" error={wrong("reset_on")}>
        <Stack gap="xs" mt="xs">
          {(step.reset_on ?? []).map((one, index) => {
            const all = step.reset_on ?? [];
            return (
              <Stack key={index} gap={4}>
                <OccurrenceField label={`Event ${index + 1}`} value={event(one)} onChange={(next) => put({ reset_on: all.with(index, next) }, `reset ${index}`)} path={`reset_on[${index}]`} problems={problems} />
                {editable && <Button size="compact-xs" variant="subtle" color="gray" leftSection={<IconTrash size={13} />} style={{ alignSelf: "flex-start" }} onClick={() => put({ reset_on: all.length > 1 ? all.toSpliced(index, 1) : undefined })}>Remove</Button>}
              </Stack>
            );
          })}
          {editable && <Button size="xs" variant="default" leftSection={<IconPlus size={14} />} style={{ alignSelf: "flex-start" }} onClick={() => put({ reset_on: [...(step.reset_on ?? []), { metric: "" }] })}>An event</Button>}
        </Stack>
      </Input.Wrapper>
    </Stack>
  );
}
