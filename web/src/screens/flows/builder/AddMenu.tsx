// The menu of a "+": every kind of step that may stand in this place, in groups.
import { Box, Menu, Text, UnstyledButton } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";

import { useBuilder } from "./builder";
import classes from "./canvas.module.css";
import { listAt } from "./document";
import { GROUPS, LOOKS } from "./kinds";
import type { Line } from "./layout";
import { type Definition, is, type Kind } from "./steps";

/** Left: messages, timing, end; right: logic and data. */
const COLUMNS = [GROUPS.filter(({ title }) => title !== "Logic" && title !== "Data"), GROUPS.filter(({ title }) => title === "Logic" || title === "Data")];

/** Waiting for stock stands directly after the trigger, and nothing follows an exit. */
function fits(kind: Kind, flow: Definition, { place }: Line): boolean {
  if (kind === "exit") return place.index === listAt(flow, place).length;
  const first = flow.steps[0];
  const waits = first !== undefined && is(first, "back_in_stock");
  const top = place.owner === null && place.index === 0;
  return kind === "back_in_stock" ? top && !waits : !(top && waits);
}

export function AddMenu({ line }: { line: Line }) {
  const { flow, adding, setAdding, add } = useBuilder();
  const opened = adding === line.id;
  return (
    <Menu opened={opened} onChange={(open) => setAdding(open ? line.id : null)} position="right-start" shadow="lg" withinPortal width={540} trapFocus returnFocus withInitialFocusPlaceholder={false}>
      <Menu.Target>
        <UnstyledButton className={classes.plus} data-open={opened || undefined} data-line={line.id} aria-label="Add a step here"><IconPlus size={14} aria-hidden /></UnstyledButton>
      </Menu.Target>
      {opened && (
        <Menu.Dropdown>
          <Box className={classes.menu}>
            {COLUMNS.map((groups, index) => (
              <Box key={index}>
                {groups.map(({ title, kinds }) => {
                  const possible = kinds.filter((kind) => fits(kind, flow, line));
                  return possible.length > 0 && (
                    <Box key={title} role="group" aria-label={title}>
                      <Menu.Label>{title}</Menu.Label>
                      {possible.map((kind) => <Choice key={kind} kind={kind} onClick={() => add(line.place, kind)} />)}
                    </Box>
                  );
                })}
              </Box>
            ))}
          </Box>
        </Menu.Dropdown>
      )}
    </Menu>
  );
}

function Choice({ kind, onClick }: { kind: Kind; onClick: () => void }) {
  const look = LOOKS[kind];
  return (
    <Menu.Item leftSection={<look.icon size={18} stroke={1.7} color={`var(--mantine-color-${look.color}-light-color)`} aria-hidden />} onClick={onClick} py={6}>
      <Text size="sm" fw={550} lh={1.3}>{look.label}</Text>
      <Text size="xs" c="dimmed" lh={1.3}>{look.says}</Text>
    </Menu.Item>
  );
}
