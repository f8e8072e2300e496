// What can be added to a group.
import { Button, Menu } from "@mantine/core";
import { IconBraces, IconChevronDown, IconFolderPlus, IconPlus } from "@tabler/icons-react";

import { FIRST, ICONS, more, MoreIcon, TEST } from "./blanks";
import classes from "./conditions.module.css";
import { useEditing } from "./editing";

interface Props {
  onAdd: (tree: unknown) => void;
}

export function AddButtons({ onAdd }: Props) {
  const { context, readOnly } = useEditing();
  if (readOnly) return null;
  const first = context === "event-filter" ? [TEST] : FIRST;
  return (
    <div className={classes.add}>
      {first.map((one) => (
        <Button key={one.kind} size="compact-sm" variant="light" color={ICONS[one.kind].color} leftSection={<IconPlus size={14} />} onClick={() => onAdd(one.make())}>{one.label}</Button>
      ))}
      {context !== "event-filter" && (
        <Menu position="bottom-start" shadow="md" withinPortal>
          <Menu.Target>
            <Button size="compact-sm" variant="light" color="gray" leftSection={<MoreIcon size={14} />} rightSection={<IconChevronDown size={14} />}>Consent & more</Button>
          </Menu.Target>
          <Menu.Dropdown>
            {more(context).map((one) => {
              const { icon: Mark } = ICONS[one.kind];
              return <Menu.Item key={one.label} leftSection={<Mark size={15} />} onClick={() => onAdd(one.make())}>{one.label}</Menu.Item>;
            })}
            <Menu.Divider />
            <Menu.Item leftSection={<IconBraces size={15} />} onClick={() => onAdd({})}>As JSON</Menu.Item>
          </Menu.Dropdown>
        </Menu>
      )}
      <Button size="compact-sm" variant="subtle" color="gray" leftSection={<IconFolderPlus size={15} />} onClick={() => onAdd({ any: [] })}>Group</Button>
    </div>
  );
}
