// How many people get it, and step by step what becomes of the others.
import { Divider, Group, Loader, Paper, Skeleton, Stack, Text, Title } from "@mantine/core";
import { IconUsers } from "@tabler/icons-react";

import { count, people, rate } from "@/ui/formats";
import { Moment } from "@/ui/Moment";
import { Failed } from "@/ui/states";

import type { Audience } from "./shapes";
import classes from "./Wizard.module.css";

interface Props {
  nothing: boolean;
  audience: Audience | undefined;
  busy: boolean;
  error: unknown;
  retry: () => void;
}

export function AudienceNumbers({ nothing, audience, busy, error, retry }: Props) {
  return (
    <Paper withBorder p="lg" className={classes.rail} component="section" aria-label="How many people get it">
      <Group justify="space-between" mb={4}>
        <Title order={2} fz="sm" c="dimmed">Who gets this email</Title>
        {busy && audience && <Loader size="xs" aria-label="Counting" />}
      </Group>
      {error ? <Failed error={error} retry={retry} /> : null}
      {nothing && !error && <Text size="sm" c="dimmed">Choose a list or a segment, and see here how many people get it.</Text>}
      {!nothing && !error && !audience && <Stack gap="sm"><Skeleton h={40} w={160} /><Skeleton h={120} /></Stack>}
      {!nothing && !error && audience && <Numbers of={audience} />}
    </Paper>
  );
}

function Numbers({ of }: { of: Audience }) {
  const kept = of.chosen - of.left_out;
  const stopped = kept - of.going;
  const wide = (part: number) => `${of.chosen > 0 ? (100 * part) / of.chosen : 0}%`;
  return (
    <Stack gap="sm">
      <Group gap="xs" align="center" aria-live="polite">
        <IconUsers size={28} stroke={1.6} aria-hidden />
        <Text fz={34} fw={700} lh={1.1} className="numbers">{count(of.going)}</Text>
        <Text size="sm" c="dimmed">{of.going === 1 ? "person" : "people"}{of.chosen > 0 ? `, ${rate(of.going, of.chosen, 0)} of those chosen` : ""}</Text>
      </Group>
      <div className={classes.bar} aria-hidden>
        <span style={{ width: wide(of.going), background: "var(--mantine-color-water-filled)" }} />
        <span style={{ width: wide(stopped), background: "var(--mantine-color-yellow-filled)" }} />
      </div>
      <Stack gap={6}>
        <Line label="Chosen, each person once" value={of.chosen} />
        {of.excluded.length > 0 && <Line label="Left out" value={-of.left_out} />}
        {of.why_not.map((one) => <Line key={one.reason} label={one.words} value={-one.people} />)}
        <Divider />
        <Line label="Get it" value={of.going} strong />
      </Stack>
      {of.overlap > 0 && <Text size="xs" c="dimmed">{people(of.overlap)} {of.overlap === 1 ? "is" : "are"} in more than one of them, and {of.overlap === 1 ? "gets" : "get"} one copy.</Text>}
      {of.waiting.people > 0 && (
        <Text size="xs" c="dimmed">{people(of.waiting.people)} have quiet hours then, and get it by <Moment at={of.waiting.until} />.</Text>
      )}
      <Text size="xs" c="dimmed">As far as can be told now: people join, leave and get other emails until it goes out.</Text>
    </Stack>
  );
}

function Line({ label, value, strong }: { label: string; value: number; strong?: boolean }) {
  return (
    <Group justify="space-between" gap="sm" wrap="nowrap" align="flex-start">
      <Text size="sm" fw={strong ? 650 : undefined}>{label}</Text>
      <Text size="sm" fw={strong ? 650 : undefined} className="numbers" c={value < 0 ? "dimmed" : undefined}>{value < 0 ? `−${count(-value)}` : count(value || 0)}</Text>
    </Group>
  );
}
