// A group of conditions: how they are joined, its members, and what can be added. Groups stand in groups, to any depth.
import { ActionIcon, Group, SegmentedControl, Text } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";

import { AddButtons } from "./AddButtons";
import classes from "./conditions.module.css";
import { useEditing } from "./editing";
import { asGroup, asOutermost, childPath, type Mode, withChildren, withMode } from "./groups";
import { follows, nameOf } from "./identity";
import { LeafRow } from "./LeafRow";

interface Props {
  tree: unknown;
  path: string;
  onChange: (tree: unknown) => void;
  onRemove?: () => void;
}

const JOINTS: Record<Mode, string> = { all: "and", any: "or", none: "nor", not_all: "and" };

export function GroupEditor({ tree, path, onChange, onRemove }: Props) {
  const { problems, readOnly } = useEditing();
  const { mode, children } = asOutermost(tree);
  const nested = onRemove !== undefined;
  const own = problems.find((one) => one.field === path && (nested || path === ""))?.detail;
  const put = (next: unknown[]) => {
    const made = withChildren(tree, next);
    follows(tree, made);
    onChange(made);
  };
  const replace = (index: number, child: unknown) => {
    follows(children[index], child);
    put(children.map((one, place) => (place === index ? child : one)));
  };
  const copied = (index: number) => put(children.toSpliced(index + 1, 0, structuredClone(children[index])));
  const remove = (index: number) => put(children.toSpliced(index, 1));
  const modes = [
    { value: "all", label: "All of" },
    { value: "any", label: "Any of" },
    { value: "none", label: "None of" },
    ...(mode === "not_all" ? [{ value: "not_all", label: "Not all of" }] : []),
  ];
  return (
    <div className={classes.group} data-mode={mode} data-nested={nested || undefined} role="group" aria-label={nested ? "Group of conditions" : "Conditions"}>
      <Group justify="space-between" mb={8} wrap="nowrap">
        <SegmentedControl size="xs" aria-label="How these are joined" data={modes} value={mode} onChange={(next) => onChange(withMode(tree, next as Mode))} readOnly={readOnly} />
        {onRemove && !readOnly && <ActionIcon aria-label="Remove this group" onClick={onRemove}><IconTrash size={16} /></ActionIcon>}
      </Group>
      {children.map((child, index) => {
        const at = childPath(tree, path, index);
        return (
          <div key={nameOf(child, index)}>
            {index > 0 && <div className={classes.joint}>{JOINTS[mode]}</div>}
            {asGroup(child) ? (
              <GroupEditor tree={child} path={at} onChange={(next) => replace(index, next)} onRemove={() => remove(index)} />
            ) : (
              <LeafRow tree={child} path={at} onChange={(next) => replace(index, next)} onRemove={() => remove(index)} onCopy={() => copied(index)} onGroup={() => replace(index, { any: [child] })} />
            )}
          </div>
        );
      })}
      {own && <Text size="xs" c="var(--mantine-color-red-light-color)" mt={6} role="status">{own}</Text>}
      <AddButtons onAdd={(one) => put([...children, one])} />
    </div>
  );
}
