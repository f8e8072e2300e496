// What became of a campaign: totals, the curve of opens and clicks, links, mailbox providers, and who was skipped and why.
import { Alert, Anchor, Card, Paper, SimpleGrid, Skeleton, Stack, Table, Text, Title } from "@mantine/core";
import { IconBan } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";

import { query } from "@/api/client";
import { useInBrand } from "@/app/places";
import { Figure } from "@/ui/Figure";
import { count, counted, money, people, rate } from "@/ui/formats";
import { Failed } from "@/ui/states";

import { EngagementChart } from "./EngagementChart";
import type { Campaign, Report } from "./shapes";

export function CampaignReport({ campaign }: { campaign: Campaign }) {
  const asked = query.useQuery("get", "/api/v1/campaigns/{campaign_id}/report", { params: { path: { campaign_id: campaign.id } } }, { refetchInterval: 60_000 });
  const { data: report, error } = asked;
  if (error && !report) return <Failed error={error} retry={() => void asked.refetch()} />;
  if (!report) return <Stack aria-busy aria-label="Loading"><Skeleton h={120} radius="md" /><Skeleton h={300} radius="md" /></Stack>;
  return (
    <Stack gap="md">
      <Ended campaign={campaign} report={report} />
      {report.recipients > 0 && (
        <>
          <Totals of={report} />
          <EngagementChart report={report} />
          <SimpleGrid cols={{ base: 1, md: 2 }}>
            <Links report={report} />
            <Skipped report={report} />
          </SimpleGrid>
          <Providers report={report} />
        </>
      )}
      {campaign.template_id !== null && <Sent template={campaign.template_id} />}
    </Stack>
  );
}

/** Why it is over, when it did not simply end. */
function Ended({ campaign, report }: { campaign: Campaign; report: Report }) {
  if (campaign.status === "no_recipients") {
    return <Alert color="yellow" icon={<IconBan />} title="Nobody got this">When it was to go out, nobody was in its audience. Duplicate it, choose another audience, and send that.</Alert>;
  }
  if (campaign.status !== "cancelled") return null;
  const known = campaign.status_reason === "cancelled" || campaign.status_reason === "cancelled_during_send";
  const taken = report.reasons.cancelled ?? 0;
  return (
    <Alert color="gray" icon={<IconBan />} title={known ? "Cancelled" : "It was stopped"}>
      {known ? "" : `${campaign.status_reason} `}
      {report.sent > 0 ? `${people(report.sent)} had it by then; ${people(taken)} did not get it.` : "Nobody got it."}
    </Alert>
  );
}

function Totals({ of }: { of: Report }) {
  return (
    <Paper withBorder p="lg" component="section" aria-label="Totals">
      <SimpleGrid cols={{ base: 2, sm: 4 }} spacing="lg">
        <Figure label="Delivered" value={count(of.delivered)} note={`${rate(of.delivered, of.sent)} of ${count(of.sent)} sent`} />
        <Figure label="Opened" value={rate(of.opened, of.delivered)} note={`${people(of.opened)}, of delivered`} />
        <Figure label="Clicked" value={rate(of.clicked, of.delivered)} note={`${people(of.clicked)}, of delivered`} />
        <Figure label="Revenue" value={money(of.revenue, of.currency)} note={`${counted(of.orders, "order")} within 5 days of an open or click`} />
        <Figure label="Unsubscribed" value={rate(of.unsubscribed, of.delivered, 2)} note={`${people(of.unsubscribed)}, of delivered`} />
        <Figure label="Complained" value={rate(of.complained, of.delivered, 2)} note={`${people(of.complained)}, of delivered`} />
        <Figure label="Bounced" value={rate(of.bounced, of.sent, 2)} note={`${people(of.bounced)}, of sent`} />
        <Figure label="Revenue per recipient" value={of.delivered > 0 ? money(of.revenue / of.delivered, of.currency) : "–"} note="of delivered" />
      </SimpleGrid>
    </Paper>
  );
}

function Links({ report }: { report: Report }) {
  return (
    <Card component="section" aria-label="Links">
      <Title order={2} fz="md" mb="sm">Clicks by link</Title>
      {report.links.length === 0 ? <Text size="sm" c="dimmed">Nobody has clicked a link yet.</Text> : (
        <Table.ScrollContainer minWidth={320} type="native" tabIndex={0} aria-label="Clicks by link">
          <Table aria-label="Clicks by link">
            <Table.Thead><Table.Tr><Table.Th>Link</Table.Th><Table.Th ta="right">People</Table.Th><Table.Th ta="right">Clicks</Table.Th></Table.Tr></Table.Thead>
            <Table.Tbody>
              {report.links.map((one) => (
                <Table.Tr key={one.url}>
                  <Table.Td maw={280}><Text size="sm" lineClamp={2} title={one.url} style={{ overflowWrap: "anywhere" }}>{one.url.replace(/^https?:\/\//, "")}</Text></Table.Td>
                  <Table.Td ta="right" className="numbers">{count(one.people)}</Table.Td>
                  <Table.Td ta="right" className="numbers">{count(one.clicks)}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </Card>
  );
}

function Skipped({ report }: { report: Report }) {
  const total = report.skipped.reduce((sum, one) => sum + one.people, 0);
  return (
    <Card component="section" aria-label="Who did not get it">
      <Title order={2} fz="md" mb="sm">Who did not get it, and why</Title>
      {total === 0 ? <Text size="sm" c="dimmed">Everyone of the audience was sent it.</Text> : (
        <Table aria-label="Who did not get it, and why">
          <Table.Thead><Table.Tr><Table.Th>Reason</Table.Th><Table.Th ta="right">People</Table.Th><Table.Th ta="right">Of the audience</Table.Th></Table.Tr></Table.Thead>
          <Table.Tbody>
            {report.skipped.map((one) => (
              <Table.Tr key={one.reason}>
                <Table.Td>{one.words}</Table.Td>
                <Table.Td ta="right" className="numbers">{count(one.people)}</Table.Td>
                <Table.Td ta="right" className="numbers">{rate(one.people, report.recipients)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Card>
  );
}

function Providers({ report }: { report: Report }) {
  if (report.providers.length === 0) return null;
  return (
    <Card component="section" aria-label="Mailbox providers">
      <Title order={2} fz="md">By mailbox provider</Title>
      <Text size="sm" c="dimmed" mb="sm">The domain of the address; bounces are of sent, opens and clicks of delivered.</Text>
      <Table.ScrollContainer minWidth={520} type="native" tabIndex={0} aria-label="By mailbox provider">
        <Table aria-label="By mailbox provider">
          <Table.Thead>
            <Table.Tr><Table.Th>Domain</Table.Th>{["Sent", "Bounced", "Opened", "Clicked", "Complained"].map((name) => <Table.Th key={name} ta="right">{name}</Table.Th>)}</Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {report.providers.map((one) => {
              const delivered = one.sent - one.bounced;
              return (
                <Table.Tr key={one.domain}>
                  <Table.Td>{one.domain}</Table.Td>
                  <Table.Td ta="right" className="numbers">{count(one.sent)}</Table.Td>
                  <Table.Td ta="right" className="numbers">{rate(one.bounced, one.sent)}</Table.Td>
                  <Table.Td ta="right" className="numbers">{rate(one.opened, delivered)}</Table.Td>
                  <Table.Td ta="right" className="numbers">{rate(one.clicked, delivered)}</Table.Td>
                  <Table.Td ta="right" className="numbers">{count(one.complained)}</Table.Td>
                </Table.Tr>
              );
            })}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Card>
  );
}

function Sent({ template }: { template: number }) {
  const inBrand = useInBrand();
  return <Text size="sm" c="dimmed">Opens exclude requests that are known to be machines. <Anchor component={Link} to={inBrand(`/templates/${template}`)} inherit underline="always">See the template</Anchor>; what was sent is the version frozen when it was scheduled.</Text>;
}
