// The top of a report: what it is of, the span, and the same as a file.
import { Button, Group, Popover, SegmentedControl, Stack, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconCalendar, IconDownload } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";

import { link } from "@/api/client";
import { PageHeader } from "@/ui/PageHeader";

import { dayRange } from "../home/buckets";
import { LENGTHS, type Length, type Span, spanQuery } from "./useSpan";

const NAMES: Record<Length, string> = { "7": "7 days", "30": "30 days", "90": "90 days", "365": "12 months" };

interface Props {
  title: string;
  /** The report's address in the API. */
  path: string;
  span: Span;
  onSpan: (span: Span) => void;
  /** Once the answer is here. */
  shown?: { first_day: string; last_day: string; timezone: string };
}

export function ReportHeader({ title, path, span, onSpan, shown }: Props) {
  return (
    <PageHeader
      title={title}
      description={shown ? `${dayRange(shown.first_day, shown.last_day)} (${shown.timezone})` : "\u00a0"}
      actions={
        <>
          <SegmentedControl aria-label="How far back" value={span.days ?? ""} onChange={(days) => onSpan({ days: days as Length })} data={LENGTHS.map((one) => ({ value: one, label: NAMES[one] }))} />
          <Days span={span} onSpan={onSpan} shown={shown} />
          <Button component="a" href={link(`${path}?format=csv&${spanQuery(span)}`)} download variant="default" leftSection={<IconDownload size={16} aria-hidden />}>CSV</Button>
        </>
      }
    />
  );
}

/** Any days, up to two years of them. */
function Days({ span, onSpan, shown }: Pick<Props, "span" | "onSpan" | "shown">) {
  const [opened, { close, toggle }] = useDisclosure(false);
  const [since, setSince] = useState("");
  const [until, setUntil] = useState("");
  const open = () => {
    setSince(span.since ?? shown?.first_day ?? "");
    setUntil(span.until ?? shown?.last_day ?? "");
    toggle();
  };
  const wrong = since && until && since > until ? "Ends before it begins." : tooLong(since, until) ? "At most 731 days." : null;
  const go = (event: FormEvent) => {
    event.preventDefault();
    if (wrong || !since || !until) return;
    onSpan({ since, until });
    close();
  };
  return (
    <Popover opened={opened} onChange={(next) => !next && close()} trapFocus position="bottom-end" shadow="md" withRoles>
      <Popover.Target>
        <Button variant={span.since ? "light" : "default"} onClick={open} leftSection={<IconCalendar size={16} aria-hidden />}>Dates</Button>
      </Popover.Target>
      <Popover.Dropdown aria-label="Choose the days">
        <form onSubmit={go}>
          <Stack gap="sm">
            <Group gap="sm" align="flex-start">
              <TextInput type="date" label="First day" value={since} onChange={(event) => setSince(event.currentTarget.value)} required data-autofocus />
              <TextInput type="date" label="Last day" value={until} onChange={(event) => setUntil(event.currentTarget.value)} required error={wrong} />
            </Group>
            <Group justify="flex-end"><Button type="submit" disabled={!!wrong || !since || !until}>Show these days</Button></Group>
          </Stack>
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}

const tooLong = (since: string, until: string): boolean => Boolean(since && until) && (Date.parse(until) - Date.parse(since)) / 86_400_000 >= 731;
