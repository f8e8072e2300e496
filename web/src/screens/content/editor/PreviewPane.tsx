// The right half of the editor: the email as a person would get it, its text part, its links, and what it lacks.
import { ActionIcon, Alert, Badge, Box, Center, Group, Loader, ScrollArea, Stack, Table, Tabs, Text, Tooltip, useMatches } from "@mantine/core";
import { IconMoon, IconSun } from "@tabler/icons-react";
import { useState } from "react";

import { Failed } from "@/ui/states";
import { counted, size } from "@/ui/formats";

import { type AsWhom, CLIPPED, NEARLY_CLIPPED, type Preview, type Problem } from "../email";
import { DeviceSwitch } from "../DeviceSwitch";
import { type Device, EmailFrame } from "../EmailFrame";
import type { Scheme } from "../foreign";
import { InboxLine } from "../InboxLine";
import classes from "./editor.module.css";
import { PersonPicker } from "./PersonPicker";

interface Props {
  preview: Preview | null | undefined;
  problems: Problem[];
  error: unknown;
  busy: boolean;
  as: AsWhom;
  onAs: (as: AsWhom) => void;
}

export function PreviewPane({ preview: made, problems, error, busy, as, onAs }: Props) {
  // While something is being typed it often cannot be made: then it stays as it last could be.
  const [last, setLast] = useState(made);
  if (made && made !== last) setLast(made);
  const preview = made ?? last;
  const onPhone = useMatches({ base: true, md: false }, { getInitialValueInEffect: false });
  const [chosen, setDevice] = useState<Device | null>(null);
  const device = chosen ?? (onPhone ? "phone" : "desktop");
  const [scheme, setScheme] = useState<Scheme>("light");
  const failed = problems.find((one) => one.level === "error");
  return (
    <section className={classes.pane} aria-label="Preview">
      <Group gap="xs" p="xs" className={classes.bar}>
        <PersonPicker value={as} onChange={onAs} />
        <Group gap="xs" wrap="nowrap">
          <DeviceSwitch value={device} onChange={setDevice} />
          <Tooltip label={scheme === "dark" ? "Show as in light mode" : "Show as in dark mode"}>
            <ActionIcon variant="default" size={30} aria-label="Show as in dark mode" aria-pressed={scheme === "dark"} onClick={() => setScheme(scheme === "dark" ? "light" : "dark")}>
              {scheme === "dark" ? <IconSun size={16} /> : <IconMoon size={16} />}
            </ActionIcon>
          </Tooltip>
        </Group>
      </Group>
      {preview && (
        <Group gap="sm" px="sm" py="xs" className={classes.bar} wrap="nowrap" justify="space-between">
          <InboxLine preview={preview} />
          <Weight bytes={preview.size_bytes} busy={busy} />
        </Group>
      )}
      {error ? <Box p="md"><Failed error={error} /></Box> : null}
      {!error && made === null && (
        <Alert color="red" radius={0} py="xs" className={classes.bar} title={preview ? "Shown as it was before this" : "No preview until this is put right"}>{failed?.message ?? "The email cannot be made."}{failed?.line ? ` (line ${failed.line})` : ""}</Alert>
      )}
      {!error && made === undefined && !preview && <Center className={classes.fill}><Loader size="sm" aria-label="Making the preview" /></Center>}
      {preview && <Parts preview={preview} device={device} scheme={scheme} />}
    </section>
  );
}

function Parts({ preview, device, scheme }: { preview: Preview; device: Device; scheme: Scheme }) {
  return (
    <Tabs defaultValue="page" className={classes.parts} classNames={{ panel: classes.panel }} keepMounted={false}>
      <Tabs.List px="xs">
        <Tabs.Tab value="page">Email</Tabs.Tab>
        <Tabs.Tab value="text">Text part</Tabs.Tab>
        <Tabs.Tab value="links" rightSection={<Badge size="xs" color="gray">{preview.links.length}</Badge>}>Links</Tabs.Tab>
        <Tabs.Tab value="missing" rightSection={preview.missing.length > 0 ? <Badge size="xs" color="yellow">{preview.missing.length}</Badge> : undefined}>Empty here</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="page"><EmailFrame html={preview.html} device={device} scheme={scheme} title="The email as it would arrive" /></Tabs.Panel>
      <Tabs.Panel value="text"><ScrollArea h="100%"><Text component="pre" className={classes.text}>{preview.text}</Text></ScrollArea></Tabs.Panel>
      <Tabs.Panel value="links"><ScrollArea h="100%"><Links preview={preview} /></ScrollArea></Tabs.Panel>
      <Tabs.Panel value="missing"><ScrollArea h="100%"><Missing preview={preview} /></ScrollArea></Tabs.Panel>
    </Tabs>
  );
}

function Weight({ bytes, busy }: { bytes: number; busy: boolean }) {
  const color = bytes >= CLIPPED ? "red" : bytes >= NEARLY_CLIPPED ? "yellow" : "gray";
  const words = bytes >= CLIPPED ? "Gmail cuts off what is over 100 KB, the unsubscribe link with it." : `Gmail shows up to ${size(CLIPPED)}.`;
  return (
    <Tooltip label={words}>
      <Badge color={color} tabIndex={0} style={{ flexShrink: 0 }} aria-label={`${size(bytes)}. ${words}`} leftSection={busy ? <Loader size={10} color="gray" /> : undefined}>{size(bytes)}</Badge>
    </Tooltip>
  );
}

function Links({ preview }: { preview: Preview }) {
  if (preview.links.length === 0) return <Text p="md" size="sm" c="dimmed">There are no links in this email.</Text>;
  return (
    <Table verticalSpacing="xs" aria-label="Links">
      <Table.Thead><Table.Tr><Table.Th>Words</Table.Th><Table.Th>Leads to</Table.Th></Table.Tr></Table.Thead>
      <Table.Tbody>
        {preview.links.map((one, index) => (
          // The same link may stand in several places.
          // oxlint-disable-next-line no-array-index-key
          <Table.Tr key={index}>
            <Table.Td>{one.words || <Text span inherit c="dimmed">No words</Text>}</Table.Td>
            <Table.Td><Text size="xs" ff="monospace" className={classes.address}>{one.url}</Text></Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function Missing({ preview }: { preview: Preview }) {
  const { missing } = preview;
  if (missing.length === 0) return <Text p="md" size="sm" c="dimmed">This person and event have everything that the email asks for.</Text>;
  return (
    <Stack gap={0}>
      <Text p="md" size="sm" c="dimmed">{counted(missing.length, "name")} in the email {missing.length === 1 ? "has" : "have"} nothing to show for this person and event. Give them a default, or hide their part with if.</Text>
      <Table verticalSpacing="xs" aria-label="Names without a value">
        <Table.Tbody>
          {missing.map((one) => (
            <Table.Tr key={one.name}>
              <Table.Td><Text size="sm" ff="monospace">{one.name}</Text></Table.Td>
              <Table.Td><Text size="sm" c="dimmed">{one.known ? `Line ${one.line} of ${PARTS[one.field] ?? one.field}` : "No email can know this: look for a slip of the pen."}</Text></Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Stack>
  );
}

const PARTS: Record<string, string> = { mjml: "the code", text: "the text part", subject: "the subject", preview_text: "the preview text" };
