// The proof of consent: every decision with when, how and with what; and what stops email, whatever was decided.
import { Button, Card, Code, Group, Stack, Table, Text, Title } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api, query } from "@/api/client";
import { tellDone } from "@/app/notices";
import { useMay } from "@/app/session";
import { ConfirmModal } from "@/ui/confirm";
import { words } from "@/ui/formats";
import { Moment } from "@/ui/Moment";
import { Failed, LoadingRows } from "@/ui/states";
import { StatusBadge } from "@/ui/StatusBadge";

import { methodWords, type Profile, REASONS } from "../people";

export const LIFTABLE = ["user_suppressed", "hard_bounce", "invalid_email"];
type Liftable = "user_suppressed" | "hard_bounce" | "invalid_email";

export function ConsentHistory({ profile }: { profile: Profile }) {
  return (
    <Stack>
      {profile.consent.suppressions.length > 0 && <Suppressions profile={profile} />}
      <History profileId={profile.id} />
    </Stack>
  );
}

function Suppressions({ profile }: { profile: Profile }) {
  const [lifting, setLifting] = useState<string | null>(null);
  const mayChange = useMay("marketer");
  const client = useQueryClient();
  const lift = async () => {
    await api.POST("/api/v1/consent/unsuppress", { body: { profiles: [{ id: profile.id }], reason: lifting as Liftable } });
    await client.invalidateQueries({ queryKey: ["get"] });
    tellDone("The suppression is lifted.");
  };
  return (
    <Card component="section" aria-label="Suppressions">
      <Title order={2} fz="md" mb={4}>Suppressed</Title>
      <Text size="sm" c="dimmed" mb="sm">Nothing is sent to this person while one of these stands, whatever their consent.</Text>
      <Stack gap="sm">
        {profile.consent.suppressions.map((one) => (
          <Group key={one.reason} justify="space-between">
            <Stack gap={0}>
              <Text size="sm" fw={550}>{REASONS[one.reason] ?? one.reason}</Text>
              <Text size="xs" c="dimmed">Since <Moment at={one.at} /></Text>
            </Stack>
            {LIFTABLE.includes(one.reason)
              ? mayChange && <Button size="xs" variant="default" onClick={() => setLifting(one.reason)}>Lift</Button>
              : <Text size="xs" c="dimmed">Their own wish: it ends when they subscribe again.</Text>}
          </Group>
        ))}
      </Stack>
      <ConfirmModal opened={lifting !== null} onClose={() => setLifting(null)} onConfirm={lift} title="Lift the suppression" action="Lift">
        Email can be sent to this person again, as far as their consent allows. {lifting !== "user_suppressed" && "If the address still does not exist, the next email bounces and they are suppressed again; bounces harm your reputation."}
      </ConfirmModal>
    </Card>
  );
}

function History({ profileId }: { profileId: number }) {
  const found = query.useQuery("get", "/api/v1/profiles/{profile_id}/consent", { params: { path: { profile_id: profileId } } });
  return (
    <Card component="section" aria-label="Consent history">
      <Title order={2} fz="md" mb={4}>Consent, with its proof</Title>
      <Text size="sm" c="dimmed" mb="sm">Every decision about email, the latest first. Nothing here is ever changed or removed.</Text>
      {found.isError ? <Failed error={found.error} retry={() => found.refetch()} /> : null}
      {!found.data && !found.isError && <LoadingRows rows={3} />}
      {found.data?.length === 0 && <Text size="sm">This person has neither subscribed nor unsubscribed.</Text>}
      {!!found.data?.length && (
        <Table.ScrollContainer minWidth={520} type="native" tabIndex={0} aria-label="Consent history">
          <Table aria-label="Consent history" verticalSpacing="sm">
            <Table.Thead><Table.Tr><Table.Th>Decided</Table.Th><Table.Th>When</Table.Th><Table.Th>How</Table.Th><Table.Th>Proof</Table.Th></Table.Tr></Table.Thead>
            <Table.Tbody>
              {found.data.toReversed().map((one, index) => (
                <Table.Tr key={index} style={{ verticalAlign: "top" }}>
                  <Table.Td><StatusBadge status={one.state} /></Table.Td>
                  <Table.Td style={{ whiteSpace: "nowrap" }}><Moment at={one.at} /></Table.Td>
                  <Table.Td>{methodWords(one.method)}</Table.Td>
                  <Table.Td><Proof detail={one.detail} /></Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </Card>
  );
}

function Proof({ detail }: { detail: Record<string, unknown> }) {
  const known = Object.entries(detail).filter(([, value]) => value !== null && value !== "");
  if (known.length === 0) return <Text span size="sm" c="dimmed">–</Text>;
  return (
    <Stack gap={2}>
      {known.map(([name, value]) => (
        <Text key={name} size="xs" style={{ overflowWrap: "anywhere" }}>
          <Text span inherit c="dimmed">{words(name)}: </Text>
          {typeof value === "object" ? <Code>{JSON.stringify(value)}</Code> : String(value)}
        </Text>
      ))}
    </Stack>
  );
}
