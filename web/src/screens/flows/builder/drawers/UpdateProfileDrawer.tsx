// Changing the profile: set, clear, add to a list among the properties, or take out of one.
import { ActionIcon, Button, Group, Menu, Select, Stack, Text } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useState } from "react";

import { useBuilder } from "../builder";
import type { DrawerProps } from "../drawer";
import { PropertyNameField } from "../fields/PropertyNameField";
import { StatusField } from "../fields/StatusField";
import { ValueField } from "../fields/ValueField";
import type { Json, UpdateProfile } from "../steps";
import { type Act, asLines, asUpdate, type Line, same } from "./profileLines";

const ACTS: { value: Act; label: string }[] = [
  { value: "set", label: "Set" },
  { value: "unset", label: "Clear" },
  { value: "add_to", label: "Add to a list" },
  { value: "remove_from", label: "Take out of a list" },
];

export function UpdateProfileDrawer({ step, put, wrong }: DrawerProps<UpdateProfile>) {
  const { editable } = useBuilder();
  // Two lines may have one name while it is being typed, which no definition can hold: the lines are kept beside it.
  const [kept, setKept] = useState(() => asLines(step.update_profile));
  const lines = same(asUpdate(kept), step.update_profile) ? kept : asLines(step.update_profile);
  const write = (next: Line[], about?: string) => {
    setKept(next);
    put({ update_profile: asUpdate(next) }, about);
  };
  const change = (index: number, fields: Partial<Line>, about?: string) => write(lines.with(index, { ...lines[index]!, ...fields }), about && `${about} ${index}`);
  return (
    <Stack>
      {lines.map((line, index) => (
        <Stack key={index} gap={6}>
          <Group gap="xs" wrap="nowrap" align="flex-end">
            <Select aria-label="What is done" data={ACTS} value={line.act} allowDeselect={false} w={156} onChange={(act) => act && change(index, { act: act as Act, value: act === "unset" ? null : (line.value ?? "") })} />
            <PropertyNameField value={line.name} onChange={(name) => change(index, { name }, "name")} error={wrong(`update_profile.${line.act}.${line.name}`)} />
            {editable && <ActionIcon size={36} color="red" aria-label="Remove this change" onClick={() => write(lines.toSpliced(index, 1))}><IconTrash size={16} /></ActionIcon>}
          </Group>
          {line.act !== "unset" && <ValueField value={line.value} own={line.act === "set"} onChange={(value: Json) => change(index, { value }, "value")} />}
        </Stack>
      ))}
      {lines.length === 0 && <Text size="sm" c={wrong("update_profile") ? "var(--mantine-color-red-light-color)" : "dimmed"}>Nothing is changed yet.</Text>}
      {editable && (
        <Menu shadow="md" position="bottom-start">
          <Menu.Target><Button size="xs" variant="default" leftSection={<IconPlus size={14} />} style={{ alignSelf: "flex-start" }}>A change</Button></Menu.Target>
          <Menu.Dropdown>{ACTS.map(({ value, label }) => <Menu.Item key={value} onClick={() => write([...lines, { act: value, name: "", value: value === "unset" ? null : "" }])}>{label}</Menu.Item>)}</Menu.Dropdown>
        </Menu>
      )}
      <StatusField value={step.status} onChange={(status) => put({ status })} />
    </Stack>
  );
}
