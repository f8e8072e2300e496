// A campaign while it goes out, live: how far, how fast, until when; pausing, resuming and cancelling say what they do.
import { Alert, Button, Group, Paper, Progress, SimpleGrid, Skeleton, Stack, Text, Title } from "@mantine/core";
import { IconBan, IconPlayerPause, IconPlayerPlay } from "@tabler/icons-react";
import { useState } from "react";

import { query } from "@/api/client";
import { useMay } from "@/app/session";
import { ConfirmModal } from "@/ui/confirm";
import { Figure, shareOf } from "@/ui/Figure";
import { count, counted, people, rate } from "@/ui/formats";
import { Failed } from "@/ui/states";
import { useTimes } from "@/ui/times";

import { useActs } from "./acts";
import { CancelQuestion } from "./CancelQuestion";
import type { Campaign, Progress as Standing } from "./shapes";

const LARGE = 100_000;

export function SendProgress({ campaign }: { campaign: Campaign }) {
  const times = useTimes();
  const asked = query.useQuery("get", "/api/v1/campaigns/{campaign_id}/progress", { params: { path: { campaign_id: campaign.id } } }, {
    // A large one costs more to count.
    refetchInterval: ({ state }) => ((state.data?.recipients ?? 0) > LARGE ? 10_000 : 2000),
  });
  const { data: at, error } = asked;
  if (error && !at) return <Failed error={error} retry={() => void asked.refetch()} />;
  if (!at) return <Skeleton h={240} radius="md" aria-label="Loading" />;
  return (
    <Stack gap="md">
      {campaign.status === "paused" && (
        <Alert color="yellow" icon={<IconPlayerPause />} title="Paused">
          {people(at.taken_back)} are still to get it. Nothing leaves until you resume it; however long that takes, nobody is skipped for it.
        </Alert>
      )}
      <Paper withBorder p="lg" component="section" aria-label="Progress">
        <Group justify="space-between" mb="sm" align="flex-end">
          <Stack gap={2}>
            <Title order={2} fz="lg" className="numbers">{count(at.done)} of {count(at.recipients)}</Title>
            <Text size="sm" c="dimmed" role="status">{told(campaign, at, times.time)}</Text>
          </Stack>
          <Acts campaign={campaign} at={at} />
        </Group>
        <Progress.Root size="xl" aria-label={`${rate(at.done, at.recipients, 0)} done`}>
          <Progress.Section value={share(at.delivered, at)} color="water.7" aria-label="Delivered" />
          <Progress.Section value={share(at.bounced, at)} color="red.7" aria-label="Bounced" />
          <Progress.Section value={share(at.skipped, at)} color="yellow.6" aria-label="Skipped" />
        </Progress.Root>
        <SimpleGrid cols={{ base: 2, sm: 3, md: 6 }} mt="lg">
          <Figure label="Delivered" value={count(at.delivered)} note={shareOf(at.delivered, at.sent, "sent")} />
          <Figure label="Bounced" value={count(at.bounced)} note={shareOf(at.bounced, at.sent, "sent")} />
          <Figure label="Skipped" value={count(at.skipped)} note={shareOf(at.skipped, at.done, "done")} />
          <Figure label="Opened" value={count(at.opened)} note={shareOf(at.opened, at.delivered, "delivered")} />
          <Figure label="Clicked" value={count(at.clicked)} note={shareOf(at.clicked, at.delivered, "delivered")} />
          <Figure label="For later" value={count(at.put_off)} note={at.put_off > 0 ? "quiet hours, another attempt, the pause" : undefined} />
        </SimpleGrid>
      </Paper>
    </Stack>
  );
}

const share = (part: number, { recipients }: Standing) => (recipients > 0 ? (100 * part) / recipients : 0);

function told(campaign: Campaign, at: Standing, time: (at: string) => string): string {
  if (campaign.status === "paused") return "Paused";
  if (campaign.status === "adding_recipients") return "Its audience is being taken.";
  const speed = at.per_minute > 0 ? `${counted(at.per_minute, "email")} a minute` : "Waiting for the first emails to leave";
  return at.ends_at ? `${speed}; done at about ${time(at.ends_at)}` : speed;
}

function Acts({ campaign, at }: { campaign: Campaign; at: Standing }) {
  const mayChange = useMay("marketer");
  const acts = useActs(campaign.id);
  const [asked, setAsked] = useState<"pause" | "resume" | "cancel" | null>(null);
  const close = () => setAsked(null);
  if (!mayChange) return null;
  return (
    <Group gap="sm">
      {campaign.status === "paused" ? (
        <Button leftSection={<IconPlayerPlay size={16} aria-hidden />} onClick={() => setAsked("resume")}>Resume</Button>
      ) : (
        <Button variant="default" leftSection={<IconPlayerPause size={16} aria-hidden />} onClick={() => setAsked("pause")}>Pause</Button>
      )}
      <Button variant="default" leftSection={<IconBan size={16} aria-hidden />} onClick={() => setAsked("cancel")}>Cancel campaign</Button>
      <ConfirmModal opened={asked === "pause"} onClose={close} title="Pause this campaign?" action={`Hold ${people(at.taken_back)}`} onConfirm={acts.pause}>
        <b>{people(at.taken_back)}</b> still to come wait until you resume it.{at.sent > 0 && ` ${people(at.sent)} have it already.`}{at.on_the_wire > 0 && ` ${people(at.on_the_wire)} are getting it in this moment.`}
      </ConfirmModal>
      <ConfirmModal opened={asked === "resume"} onClose={close} title="Resume this campaign?" action={`Go on with ${people(at.taken_back)}`} onConfirm={acts.resume}>
        <b>{people(at.taken_back)}</b> get it from now on, but for who has unsubscribed or is left out by smart sending by then.
      </ConfirmModal>
      <CancelQuestion campaign={campaign} opened={asked === "cancel"} onClose={close} />
    </Group>
  );
}
