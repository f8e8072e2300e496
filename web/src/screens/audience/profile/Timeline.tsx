// Everything that happened to a person, the newest first, with what may be left out.
import { Card, Chip, Flex, Group, Stack, Text, ThemeIcon, Timeline as Line } from "@mantine/core";
import { IconBolt, IconCheckbox, IconList, IconMail, IconMailOff, IconRoute, IconShieldOff } from "@tabler/icons-react";
import { useState } from "react";

import { Moment } from "@/ui/Moment";
import { Empty, Failed, LoadingRows } from "@/ui/states";
import { useTimes } from "@/ui/times";

import type { Entry, Loading, Told } from "./loading";

const KINDS = [
  { label: "What they did", kinds: ["event"] },
  { label: "Emails", kinds: ["message"] },
  { label: "Flows", kinds: ["flow", "step"] },
  { label: "Consent and lists", kinds: ["consent", "suppression", "list"] },
];
const SHOWN = 200;

export function Timeline({ found }: { found: Loading<Told> }) {
  const [out, setOut] = useState<string[]>([]);
  const [shown, setShown] = useState(SHOWN);
  const { zone } = useTimes();
  if (found.error) return <Failed error={found.error} retry={() => found.refetch()} />;
  if (!found.data) return <Card><LoadingRows rows={10} height={28} /></Card>;
  const entries = found.data.entries.filter((one) => !out.some((label) => KINDS.find((kind) => kind.label === label)?.kinds.includes(one.kind))).toReversed();
  return (
    <Card component="section" aria-label="Timeline">
      <Group justify="space-between" mb="md">
        <Group gap="xs" role="group" aria-label="What is shown">
          {KINDS.map(({ label }) => (
            <Chip key={label} size="xs" checked={!out.includes(label)} onChange={(on) => setOut(on ? out.filter((one) => one !== label) : [...out, label])}>{label}</Chip>
          ))}
        </Group>
        <Text size="xs" c="dimmed">Times are those of {zone}</Text>
      </Group>
      {entries.length === 0 && <Empty icon={IconBolt} title="Nothing to show">{out.length ? "Show more kinds to see what happened." : "Nothing has happened yet."}</Empty>}
      <Line bulletSize={26} lineWidth={2} styles={{ item: { marginTop: "var(--mantine-spacing-sm)" } }}>
        {entries.slice(0, shown).map((one, index) => <Line.Item key={index} bullet={<Mark entry={one} />}><Happened entry={one} /></Line.Item>)}
      </Line>
      {entries.length > shown && <Chip mt="md" size="sm" checked={false} onChange={() => setShown(shown + SHOWN)}>Show {Math.min(SHOWN, entries.length - shown)} more</Chip>}
      {found.data.older_events && <Text size="sm" c="dimmed" mt="md">Older events are kept, and count for segments, but are not shown here.</Text>}
    </Card>
  );
}

function Happened({ entry }: { entry: Entry }) {
  const source = entry.flow && !entry.title.includes(entry.flow) ? entry.flow : null;
  return (
    <Flex justify="space-between" direction={{ base: "column", sm: "row" }} columnGap="md">
      <Stack gap={0} miw={0}>
        <Text size="sm" fw={entry.kind === "step" ? 400 : 550}>{entry.title}</Text>
        {(entry.detail || source) && (
          <Text size="xs" c="dimmed" style={{ overflowWrap: "anywhere" }}>{[source, entry.detail].filter(Boolean).join(" · ")}</Text>
        )}
      </Stack>
      <Moment at={entry.at} size="xs" c="dimmed" style={{ whiteSpace: "nowrap" }} />
    </Flex>
  );
}

function Mark({ entry }: { entry: Entry }) {
  const unsent = entry.kind === "message" && ["skipped", "failed", "cancelled"].includes(entry.state ?? "");
  const Icon = unsent ? IconMailOff : MARKS[entry.kind] ?? IconBolt;
  const color = unsent || entry.kind === "suppression" ? "red" : entry.kind === "message" ? "blue" : entry.kind === "event" ? "water" : "gray";
  return <ThemeIcon size={22} radius="xl" variant="light" color={color} aria-hidden><Icon size={13} /></ThemeIcon>;
}

const MARKS: Record<string, typeof IconBolt> = { event: IconBolt, message: IconMail, flow: IconRoute, step: IconRoute, consent: IconCheckbox, suppression: IconShieldOff, list: IconList };
