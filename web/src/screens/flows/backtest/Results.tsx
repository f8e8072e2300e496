// The report of a backtest: the numbers of one version or two, what would have been sent when, and why not.
import { Button, Group, SegmentedControl, SimpleGrid, Stack, Text } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { lazy, useState } from "react";

import { query } from "@/api/client";
import { ChartCard } from "@/ui/ChartCard";
import { count, counted } from "@/ui/formats";
import { useTimes } from "@/ui/times";

import { leftWords, refusedWords, skippedWords } from "../reasons";
import { Figures } from "./Figures";
import { Reasons } from "./Reasons";
import { csvOf, daysOf } from "./report";
import type { Finished } from "./runs";
import { StepTable } from "./StepTable";

const SentChart = lazy(() => import("./SentChart"));

interface Props {
  found: Finished;
  names: ReadonlyMap<string, string>;
  slug: string;
}

export function Results({ found, names, slug }: Props) {
  const times = useTimes();
  const { data: flows = [] } = query.useQuery("get", "/api/v1/flows", {}, { staleTime: 60_000 });
  const titles = found.asked.version === "draft" ? ["Draft", "Live"] : ["Live"];
  const reports = found.reports.map((report, index) => ({ name: titles[index] ?? `Version ${index + 1}`, report }));
  const [shown, setShown] = useState("0");
  const chosen = reports[Number(shown)] ?? reports[0]!;
  const { report } = chosen;
  const days = daysOf(report);
  const steps = Object.keys(days[0]?.sent ?? {});
  return (
    <Stack gap="md">
      <Group justify="space-between">
        <Text size="sm" c="dimmed">
          {times.date(report.start)} to {times.date(report.end)} ({times.zone}). {counted(report.events, "event")} replayed in {report.seconds.toFixed(1)} seconds.
        </Text>
        <Button variant="default" size="xs" leftSection={<IconDownload size={14} aria-hidden />} onClick={() => save(csvOf(reports), `backtest-${slug}.csv`)}>Download CSV</Button>
      </Group>
      <Figures reports={reports} />
      {reports.length > 1 && <SegmentedControl aria-label="Version shown below" value={shown} onChange={setShown} data={reports.map(({ name }, index) => ({ value: String(index), label: name }))} style={{ alignSelf: "flex-start" }} />}
      {days.length > 0 && steps.length > 0 && (
        <ChartCard title="Emails a day" description={`What each step would have sent, in days of ${times.zone}`} height={260} table={{ head: ["Day", "Came in", ...steps.map((one) => names.get(one) ?? one)], rows: days.map((one) => [one.day, one.entries, ...steps.map((step) => one.sent[step] ?? 0)]) }}>
          <SentChart days={days} names={names} />
        </ChartCard>
      )}
      <StepTable steps={report.steps} names={names} />
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <Reasons title="Did not come in" unit="Events that would have started it, by why they did not" counts={report.refused} called={refusedWords} none="Everything that would have started it did." />
        <Reasons title="Left early" unit="Runs, by why they ended before the last step" counts={report.left} called={leftWords} none="Nobody left early." />
        <Reasons title="Emails that would not have gone" unit="Emails, by what kept them back" counts={report.skipped} called={skippedWords} none="Nothing would have been skipped." />
        <Reasons title="In other flows meanwhile" unit={`Runs during which the person entered another flow; ${count(report.campaign_mail)} campaign emails reached people inside`} counts={report.other_flows} called={(other) => flows.find((one) => one.slug === other)?.name ?? other} none="Nobody entered another flow meanwhile." />
      </SimpleGrid>
      {report.without_address > 0 && <Text size="sm" c="dimmed">{counted(report.without_address, "person", "people")} more may have done what starts it, but {report.without_address === 1 ? "has" : "have"} no email address.</Text>}
    </Stack>
  );
}

function save(text: string, name: string): void {
  const address = URL.createObjectURL(new Blob(["\ufeff", text], { type: "text/csv;charset=utf-8" }));
  const anchor = Object.assign(document.createElement("a"), { href: address, download: name });
  anchor.click();
  URL.revokeObjectURL(address);
}
