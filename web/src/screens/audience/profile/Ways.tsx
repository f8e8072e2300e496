// Where a person is in flows, what comes next and when; how they went through others; and why they are not in one.
import { Anchor, Badge, Card, Group, Select, Stack, Text, Title } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState } from "react";

import { query } from "@/api/client";
import type { components } from "@/api/schema";
import { useInBrand } from "@/app/places";
import { Moment } from "@/ui/Moment";
import { Failed, LoadingRows } from "@/ui/states";
import { StatusBadge } from "@/ui/StatusBadge";

import { WhyNotInFlow } from "./WhyNotInFlow";

type Way = components["schemas"]["WhereaboutsOut"];

export function Ways({ profileId }: { profileId: number }) {
  const found = query.useQuery("get", "/api/v1/profiles/{profile_id}/flows", { params: { path: { profile_id: profileId } } });
  const flows = query.useQuery("get", "/api/v1/flows");
  const [asked, setAsked] = useState<string | null>(null);
  if (found.isError) return <Failed error={found.error} retry={() => found.refetch()} />;
  if (!found.data) return <Card><LoadingRows rows={3} height={64} /></Card>;
  const waiting = found.data.filter((one) => one.state === "waiting");
  const others = found.data.filter((one) => one.state !== "waiting");
  return (
    <Stack>
      <Card component="section" aria-label="In flows now">
        <Title order={2} fz="md" mb="sm">In flows now</Title>
        {waiting.length === 0 && <Text size="sm" c="dimmed">In no flow at the moment. What they do next may start one.</Text>}
        <Stack gap="md">{waiting.map((one) => <Waiting key={one.enrolment_id} way={one} />)}</Stack>
      </Card>
      {others.length > 0 && (
        <Card component="section" aria-label="Earlier">
          <Title order={2} fz="md" mb="sm">Earlier</Title>
          <Stack gap="md">{others.map((one) => <Ended key={one.enrolment_id} way={one} />)}</Stack>
        </Card>
      )}
      <Card component="section" aria-label="Why not in a flow">
        <Title order={2} fz="md" mb={4}>Why are they not in a flow?</Title>
        <Text size="sm" c="dimmed" mb="sm">Choose one to see the last times that something could have started it, and which rule said no.</Text>
        <Select aria-label="Flow" placeholder="Choose a flow" maw={360} searchable value={asked} onChange={setAsked}
          data={(flows.data ?? []).map((one) => ({ value: one.slug, label: one.name }))} nothingFoundMessage="No flow by this name." />
        {asked && <WhyNotInFlow profileId={profileId} slug={asked} />}
      </Card>
    </Stack>
  );
}

function Flow({ way }: { way: Way }) {
  const inBrand = useInBrand();
  return (
    <Group gap="xs">
      <Anchor component={Link} to={inBrand(`/flows/${way.slug}`)} fw={550} size="sm">{way.flow}</Anchor>
      {way.state !== "waiting" && <StatusBadge status={way.state} label={way.state === "exited" ? "Left" : "Went through"} />}
      {way.flow_status !== "live" && <Badge color="yellow">Flow {way.flow_status}</Badge>}
    </Group>
  );
}

function Waiting({ way }: { way: Way }) {
  return (
    <Group justify="space-between" align="flex-start" wrap="nowrap">
      <Stack gap={2} miw={0}>
        <Flow way={way} />
        <Text size="sm">{way.next}</Text>
        <Text size="xs" c="dimmed">{way.next_detail}</Text>
        <Text size="xs" c="dimmed">Entered <Moment at={way.entered_at} />{way.because ? `, ${way.because}` : ""}</Text>
      </Stack>
      {way.next_at && <Moment at={way.next_at} size="sm" fw={550} style={{ whiteSpace: "nowrap" }} />}
    </Group>
  );
}

function Ended({ way }: { way: Way }) {
  return (
    <Stack gap={2}>
      <Flow way={way} />
      {way.state === "exited" && <Text size="sm">{way.end_detail ?? way.end}</Text>}
      <Text size="xs" c="dimmed">Entered <Moment at={way.entered_at} />{way.because ? `, ${way.because}` : ""}; ended <Moment at={way.finished_at} /></Text>
    </Stack>
  );
}
