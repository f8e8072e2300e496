// How far an import is, and what came of it, with the file of the rows that could not be taken in.
import { Alert, Button, Card, Group, Progress as Bar, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { IconAlertTriangle, IconCircleCheck, IconDownload, IconPlayerStop } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";

import { api, link } from "@/api/client";
import { tellDone } from "@/app/notices";
import { useInBrand } from "@/app/places";
import { useMay } from "@/app/session";
import { ConfirmModal } from "@/ui/confirm";
import { count, counted, people, rate } from "@/ui/formats";
import { Moment } from "@/ui/Moment";

import type { Import } from "./plan";

export function Progress({ found }: { found: Import }) {
  const running = found.state === "running";
  useNoticeAtTheEnd(found);
  return (
    <Stack>
      {running ? <Running found={found} /> : <Ended found={found} />}
      <Results found={found} />
      {found.refused + found.noted > 0 && <Troubles found={found} />}
    </Stack>
  );
}

/** Whoever watches is told when it ends, and every list of people is asked anew. */
function useNoticeAtTheEnd(found: Import) {
  const before = useRef(found.state);
  const client = useQueryClient();
  useEffect(() => {
    if (before.current === "running" && found.state === "done") {
      tellDone(`${found.name} is imported: ${counted(found.made, "profile")} made, ${count(found.changed)} changed.`);
      void client.invalidateQueries({ queryKey: ["get"] });
    }
    before.current = found.state;
  }, [found.state, found.name, found.made, found.changed, client]);
}

function Running({ found }: { found: Import }) {
  const [asking, setAsking] = useState(false);
  const client = useQueryClient();
  const mayChange = useMay("marketer");
  const cancel = async () => {
    await api.POST("/api/v1/imports/{import_id}/cancel", { params: { path: { import_id: found.id } } });
    await client.invalidateQueries({ queryKey: ["get", "/api/v1/imports/{import_id}"] });
  };
  return (
    <Card component="section" aria-label="Progress">
      <Group justify="space-between" mb="sm">
        <Title order={2} fz="md">Importing</Title>
        {mayChange && <Button size="xs" variant="default" leftSection={<IconPlayerStop size={14} aria-hidden />} onClick={() => setAsking(true)}>Stop</Button>}
      </Group>
      <Bar value={(100 * found.done) / Math.max(1, found.total)} animated aria-label="Progress" />
      <Text size="sm" c="dimmed" mt="xs" className="numbers" aria-live="polite">{count(found.done)} of {counted(found.total, "row")}, {rate(found.done, found.total, 0)}. You can leave this page: it goes on.</Text>
      <ConfirmModal opened={asking} onClose={() => setAsking(false)} onConfirm={cancel} title="Stop the import" action="Stop">
        The {counted(found.total - found.done, "row")} still to come are not taken in. What is in stays; there is no undo.
      </ConfirmModal>
    </Card>
  );
}

function Ended({ found }: { found: Import }) {
  const inBrand = useInBrand();
  const done = found.state === "done";
  const left = found.total - found.done;
  return (
    <Alert color={done ? "green" : found.state === "failed" ? "red" : "yellow"} icon={done ? <IconCircleCheck /> : <IconAlertTriangle />}
      title={done ? "The file is imported" : found.state === "failed" ? "The import could not be finished" : "The import was stopped"}>
      <Stack gap="xs" align="flex-start">
        <Text size="sm">
          {found.error ? `${found.error} ` : ""}{count(found.done - found.refused)} of {counted(found.total, "row")} {found.total === 1 ? "was" : "were"} taken in{found.refused > 0 ? `, ${count(found.refused)} refused` : ""}{left > 0 ? `; ${count(left)} were not looked at` : ""}.
          {" "}Ended <Moment at={found.finished_at} />.
        </Text>
        <Group gap="xs">
          <Button size="xs" variant="default" component={Link} to={found.list_id ? inBrand(`/lists/${found.list_id}`) : inBrand("/profiles")}>{found.list_id ? `Open ${found.list_name}` : "See the profiles"}</Button>
          <Button size="xs" variant="default" component={Link} to={inBrand("/imports/new")}>Import another file</Button>
        </Group>
      </Stack>
    </Alert>
  );
}

function Results({ found }: { found: Import }) {
  const all: [string, number, string][] = [
    ["New profiles", found.made, "people who were not known"],
    ["Changed", found.changed, "rows that changed somebody"],
    ["Same", found.same, "rows that changed nothing, or repeat a person"],
    ["Passed over", found.skipped, "rows about people who are known"],
    ["Refused", found.refused, "rows that could not be taken in"],
    ["Subscribed", found.subscribed, "people, with the proof that you gave"],
    ["Not subscribed", found.kept_out, "people who unsubscribed or are suppressed"],
    ["Joined the list", found.joined, found.list_name ?? "no list was chosen"],
  ];
  const shown = all.filter(([label, value]) => value > 0 || ["New profiles", "Changed", "Refused"].includes(label));
  return (
    <SimpleGrid cols={{ base: 2, sm: 3, lg: 4 }}>
      {shown.map(([label, value, what]) => (
        <Card key={label} padding="md">
          <Text size="sm" c="dimmed">{label}</Text>
          <Text fz={24} fw={650} className="numbers">{count(value)}</Text>
          <Text size="xs" c="dimmed" style={{ overflowWrap: "anywhere" }}>{what}</Text>
        </Card>
      ))}
    </SimpleGrid>
  );
}

function Troubles({ found }: { found: Import }) {
  const mayRead = useMay("marketer");
  return (
    <Card component="section" aria-label="Rows with problems">
      <Group justify="space-between">
        <Stack gap={2} maw={680}>
          <Title order={2} fz="md">Rows with problems</Title>
          <Text size="sm" c="dimmed">
            {found.refused > 0 && `${counted(found.refused, "row was", "rows were")} refused. `}
            {found.noted > 0 && `${counted(found.noted, "row")} came in without a part of what they say. `}
            The file holds each with its number, the reason and its cells: mend it and import it again. It is kept for 30 days.
          </Text>
        </Stack>
        {mayRead && <Button component="a" href={link(`/api/v1/imports/${found.id}/errors.csv`)} download variant="default" leftSection={<IconDownload size={16} aria-hidden />}>Download</Button>}
      </Group>
      {found.kept_out > 0 && <Text size="sm" c="dimmed" mt="sm">{people(found.kept_out)} were not subscribed, because they unsubscribed or are suppressed.</Text>}
    </Card>
  );
}
