// What ends the flow for a person at once, wherever they wait.
import { ActionIcon, Button, Group, Paper, Stack, Text } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";

import { useBuilder } from "../builder";
import { without } from "../document";
import { useProblems } from "../drawer";
import { AsksPerson } from "../fields/Asks";
import { OccurrenceField } from "../fields/OccurrenceField";
import type { Definition, ExitOn } from "../steps";

export function ExitsDrawer() {
  const { flow, edit, editable } = useBuilder();
  const problems = useProblems("");
  const exits = flow.exit_on ?? [];
  const put = (next: ExitOn[], about?: string) => edit(without({ ...flow, exit_on: next.length > 0 ? next : undefined }) as Definition, about);
  return (
    <Stack>
      <Text size="xs" c="dimmed">At once, wherever they are in the flow. Emails that were planned for them are not sent.</Text>
      {exits.map((one, index) => (
        <Paper key={index} withBorder p="sm">
          <Group wrap="nowrap" align="flex-start" gap="xs">
            <div style={{ flex: 1, minWidth: 0 }}>
              {typeof one === "object" && "if" in one ? (
                <AsksPerson label="This becomes true" value={one.if} onChange={(condition) => put(exits.with(index, { if: condition }), `exit ${index}`)} path={`exit_on[${index}].if`} problems={problems} />
              ) : (
                <OccurrenceField label="This happens" value={typeof one === "string" ? { metric: one } : one} onChange={(next) => put(exits.with(index, next), `exit ${index}`)} path={`exit_on[${index}]`} problems={problems} />
              )}
            </div>
            {editable && <ActionIcon color="red" aria-label={`Remove exit ${index + 1}`} onClick={() => put(exits.toSpliced(index, 1))}><IconTrash size={16} /></ActionIcon>}
          </Group>
        </Paper>
      ))}
      {editable && (
        <Group gap="xs">
          <Button size="xs" variant="default" leftSection={<IconPlus size={14} />} onClick={() => put([...exits, { metric: "Placed Order" }])}>An event</Button>
          <Button size="xs" variant="default" leftSection={<IconPlus size={14} />} onClick={() => put([...exits, { if: [] }])}>A condition</Button>
        </Group>
      )}
    </Stack>
  );
}
