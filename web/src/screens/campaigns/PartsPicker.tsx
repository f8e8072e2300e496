// Chooses lists and segments, and says of each what it brings or takes away.
import { ActionIcon, Badge, Group, Select, Skeleton, Stack, Text } from "@mantine/core";
import { IconListDetails, IconUsersGroup, IconX } from "@tabler/icons-react";

import { people } from "@/ui/formats";

import { type AudiencePart, keyOf, type Part, partOf } from "./shapes";
import type { Choice } from "./useParts";
import classes from "./Wizard.module.css";

const MOST = 50;

interface Props {
  label: string;
  description: string;
  placeholder: string;
  chosen: Part[];
  /** What is chosen on the other side cannot be chosen here. */
  taken: Part[];
  /** Where it is chosen instead. */
  elsewhere: string;
  choices: Choice[];
  counts: AudiencePart[] | undefined;
  onChange: (parts: Part[]) => void;
  /** "only through it" or "taken away": what `only` counts. */
  only: (count: AudiencePart) => string;
}

export function PartsPicker({ label, description, placeholder, chosen, taken, elsewhere, choices, counts, onChange, only }: Props) {
  const keys = chosen.map(keyOf);
  const others = new Set(taken.map(keyOf));
  const known = new Map(choices.map((one) => [one.key, one]));
  const group = (kind: Choice["kind"]) => choices.filter((one) => one.kind === kind && !keys.includes(one.key)).map((one) => ({ value: one.key, label: one.name, disabled: others.has(one.key) }));
  return (
    <Stack gap="sm">
      <Select
        label={label}
        description={description}
        placeholder={placeholder}
        data={[{ group: "Lists", items: group("list") }, { group: "Segments", items: group("segment") }].filter(({ items }) => items.length > 0)}
        value={null}
        onChange={(key) => key && onChange([...chosen, partOf(key)])}
        searchable
        disabled={keys.length >= MOST}
        nothingFoundMessage="No list or segment has this name."
        renderOption={({ option }) => (
          <Group justify="space-between" gap="sm" wrap="nowrap" flex={1}>
            <Text size="sm" truncate>{option.label}</Text>
            <Text size="xs" c="dimmed" className="numbers" style={{ flexShrink: 0 }}>{others.has(option.value) ? elsewhere : people(known.get(option.value)?.members ?? 0)}</Text>
          </Group>
        )}
      />
      {keys.map((key) => {
        const choice = known.get(key);
        const counted = counts?.find((one) => `${one.kind}:${one.id}` === key);
        const Mark = key.startsWith("list:") ? IconListDetails : IconUsersGroup;
        return (
          <div key={key} className={classes.part}>
            <Mark size={18} stroke={1.6} aria-hidden />
            <Stack gap={0} flex={1} miw={0}>
              <Text size="sm" fw={550} truncate>{choice?.name ?? "No longer there"}</Text>
              <Text size="xs" c="dimmed">{key.startsWith("list:") ? "List" : "Segment"}</Text>
            </Stack>
            {counted?.building && <Badge color="blue">Still being built</Badge>}
            {choice && (counted ? (
              <Stack gap={0} align="flex-end">
                <Text size="sm" className="numbers">{people(counted.people)}</Text>
                <Text size="xs" c="dimmed" className="numbers">{only(counted)}</Text>
              </Stack>
            ) : <Skeleton w={90} h={30} />)}
            {!choice && <Text size="sm" c="red">It was archived. Take it out.</Text>}
            <ActionIcon aria-label={`Take out ${choice?.name ?? "it"}`} onClick={() => onChange(chosen.filter((one) => keyOf(one) !== key))}><IconX size={16} /></ActionIcon>
          </div>
        );
      })}
    </Stack>
  );
}
