// A person in a row: a round mark, the name, and the address below it.
import { Avatar, Group, Stack, Text } from "@mantine/core";

import classes from "./PersonCell.module.css";
import { called, colorOf, initials, type Named, nameOf } from "./people";

export function PersonCell(person: Named & { id: number }) {
  const named = nameOf(person) !== null;
  const second = named ? (person.email ?? person.phone ?? person.external_id) : null;
  return (
    <Group gap="sm" wrap="nowrap" miw={0}>
      <Avatar size={32} visibleFrom="xs" color={colorOf(person.id)} name={undefined} aria-hidden>{initials(person)}</Avatar>
      <Stack gap={0} className={classes.names}>
        <Text size="sm" fw={550} truncate>{called(person)}</Text>
        {second && <Text size="xs" c="dimmed" truncate>{second}</Text>}
      </Stack>
    </Group>
  );
}
