// The top of the editor: which email this is, whether it is saved, and what can be done with it.
import { ActionIcon, Badge, Button, Group, Menu, SegmentedControl, Text, Title, Tooltip } from "@mantine/core";
import { IconArrowLeft, IconDots, IconHistory, IconPencil, IconSend } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useEffect } from "react";

import { useInBrand } from "@/app/places";
import { useMay } from "@/app/session";

import { FORMATS, type Format, type WholeTemplate } from "../email";
import { UsedBy } from "../UsedBy";
import classes from "./editor.module.css";

export type Side = "code" | "preview";

interface Props {
  template: WholeTemplate;
  format: Format;
  unsaved: boolean;
  busy: boolean;
  side: Side;
  onSide: (side: Side) => void;
  onSave: () => void;
  onTest: () => void;
  onVersions: () => void;
  onRename: () => void;
}

export function TopBar({ template, format, unsaved, busy, side, onSide, onSave, onTest, onVersions, onRename }: Props) {
  const inBrand = useInBrand();
  const may = useMay("marketer");
  useEffect(() => {
    document.title = `${unsaved ? "• " : ""}${template.name} · Headwater`;
  }, [template.name, unsaved]);
  return (
    <Group component="header" px="md" py="xs" gap="sm" justify="space-between" className={classes.top}>
      <Group gap="xs" wrap="nowrap" className={classes.name}>
        <ActionIcon component={Link} to={inBrand("/templates")} aria-label="All templates"><IconArrowLeft size={18} /></ActionIcon>
        <Title order={1} fz="lg" lineClamp={1} title={template.name}>{template.name}</Title>
        <Badge color="gray" visibleFrom="sm" style={{ flexShrink: 0 }}>{FORMATS[format]}</Badge>
        <UsedBy uses={template.used_by} />
      </Group>
      <Group gap="xs" wrap="nowrap">
        <Text size="xs" c="dimmed" visibleFrom="sm" aria-live="polite">{unsaved ? "Not saved yet; kept in this browser" : "Saved"}</Text>
        <SegmentedControl size="xs" className={classes.only} aria-label="Show" value={side} onChange={(one) => onSide(one as Side)} data={[{ value: "code", label: "Code" }, { value: "preview", label: "Preview" }]} />
        <Button variant="default" leftSection={<IconHistory size={16} aria-hidden />} onClick={onVersions} visibleFrom="sm">Versions</Button>
        {may && <Button variant="default" leftSection={<IconSend size={16} aria-hidden />} onClick={onTest} visibleFrom="sm">Test send</Button>}
        {may && (
          <Tooltip label="Ctrl S"><Button onClick={onSave} loading={busy} disabled={!unsaved}>Save</Button></Tooltip>
        )}
        <Menu position="bottom-end" withinPortal>
          <Menu.Target><ActionIcon variant="default" size={36} aria-label="More"><IconDots size={18} /></ActionIcon></Menu.Target>
          <Menu.Dropdown>
            {may && <Menu.Item leftSection={<IconPencil size={16} aria-hidden />} onClick={onRename}>Rename</Menu.Item>}
            <Menu.Item hiddenFrom="sm" leftSection={<IconHistory size={16} aria-hidden />} onClick={onVersions}>Versions</Menu.Item>
            {may && <Menu.Item hiddenFrom="sm" leftSection={<IconSend size={16} aria-hidden />} onClick={onTest}>Test send</Menu.Item>}
          </Menu.Dropdown>
        </Menu>
      </Group>
    </Group>
  );
}
