// Everything to know before it goes: one plain sentence, every error, warning and note, and the button.
import { Anchor, Button, Group, Paper, SimpleGrid, Skeleton, Stack, Text, Title } from "@mantine/core";
import { IconSend } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";

import { api, query } from "@/api/client";
import { tellDone } from "@/app/notices";
import { useInBrand } from "@/app/places";
import { useMay } from "@/app/session";
import { ConfirmModal } from "@/ui/confirm";
import { people } from "@/ui/formats";
import { Failed } from "@/ui/states";
import { useTimes } from "@/ui/times";

import { useRefresh } from "./acts";
import { AudienceNumbers } from "./AudienceNumbers";
import type { Step } from "./CampaignWizard";
import { Findings } from "./Findings";
import { keyOf, type Campaign, type Review } from "./shapes";
import type { CampaignDraft, Fields } from "./useCampaignDraft";
import { useParts } from "./useParts";
import classes from "./Wizard.module.css";

interface Props {
  campaign: Campaign;
  draft: CampaignDraft;
  go: (step: Step) => void;
}

export function ReviewStep({ campaign, draft, go }: Props) {
  const mayChange = useMay("marketer");
  const [asked, setAsked] = useState(false);
  const params = { path: { campaign_id: campaign.id } };
  const ready = draft.saving === "saved";
  const found = query.useQuery("get", "/api/v1/campaigns/{campaign_id}/review", { params }, { enabled: ready, staleTime: 0, gcTime: 0 });
  const { data: review, error, isFetching, refetch } = found;
  const retry = () => void found.refetch();
  // What was changed in another step is asked about anew.
  useEffect(() => {
    if (ready) void refetch();
  }, [ready, refetch]);
  const send = useSend(campaign, draft.fields);
  if (error) return <Failed error={error} retry={retry} />;
  if (!review) return <Stack gap="md" aria-busy aria-label="Loading"><Skeleton h={120} radius="md" /><Skeleton h={220} radius="md" /></Stack>;
  const going = review.audience?.going ?? 0;
  const now = review.send_at === null;
  const verb = now ? `Send to ${people(going)}` : `Schedule for ${people(going)}`;
  return (
    <Stack gap="md">
      <Paper withBorder p="lg">
        <Stack gap="md">
          <Text className={classes.sentence}><Sentence review={review} fields={draft.fields} /></Text>
          <Group>
            <Button size="md" leftSection={<IconSend size={18} aria-hidden />} disabled={!review.can_be_scheduled || !mayChange || isFetching} onClick={() => setAsked(true)}>{verb}</Button>
            {!review.can_be_scheduled && <Text size="sm" c="red">Put the errors below right first.</Text>}
            {!mayChange && <Text size="sm" c="dimmed">Your role reads; a marketer can send it.</Text>}
          </Group>
        </Stack>
      </Paper>
      <div className={classes.columns}>
        <Stack gap="md">
          <Findings findings={review.findings} go={go} />
          <Summary fields={draft.fields} go={go} />
        </Stack>
        <AudienceNumbers nothing={draft.fields.included.length === 0} audience={review.audience ?? undefined} busy={isFetching} error={null} retry={retry} />
      </div>
      <ConfirmModal opened={asked} onClose={() => setAsked(false)} title={now ? "Send it now?" : "Schedule it?"} action={verb} onConfirm={send}>
        <Stack gap="xs">
          <Text size="sm"><Sentence review={review} fields={draft.fields} /></Text>
          <Text size="sm" c="dimmed">{now ? "It begins within seconds. You can pause or cancel it, but what has left cannot be taken back." : "Until then you can make it a draft again, or cancel it."} The email is frozen as it is now.</Text>
        </Stack>
      </ConfirmModal>
    </Stack>
  );
}

function useSend(campaign: Campaign, fields: Fields) {
  const refresh = useRefresh();
  const navigate = useNavigate();
  const inBrand = useInBrand();
  return async () => {
    await api.POST("/api/v1/campaigns/{campaign_id}/schedule", { params: { path: { campaign_id: campaign.id } }, body: { send_at: fields.send_at } });
    await refresh();
    tellDone(fields.send_at ? "Scheduled." : "It is going out.");
    await navigate({ to: inBrand(`/campaigns/${campaign.id}`) });
  };
}

/** What will happen, in one sentence. */
function Sentence({ review, fields }: { review: Review; fields: Fields }) {
  const times = useTimes();
  const going = review.audience?.going ?? 0;
  if (!review.audience) return <>Nobody would get this yet: it has no audience that can be counted.</>;
  const who = going === 0 ? "Nobody gets this as things stand" : <>About <b>{people(going)}</b> {going === 1 ? "gets" : "get"} this</>;
  const when = review.send_at === null ? <><b>as soon as you send it</b></> : <>on <b>{times.moment(review.send_at)}</b> ({review.timezone})</>;
  const waiting = review.audience.waiting.people > 0 ? ` ${people(review.audience.waiting.people)} of them wait for the end of their quiet hours.` : "";
  return <>{who} {when}, counting whoever is in the audience {fields.audience_at === "schedule" ? "when you schedule it" : "at that moment"}.{waiting}</>;
}

function Summary({ fields, go }: { fields: Fields; go: (step: Step) => void }) {
  const times = useTimes();
  const parts = useParts();
  const template = query.useQuery("get", "/api/v1/templates/{template_id}", { params: { path: { template_id: fields.template_id ?? 0 } } }, { enabled: fields.template_id !== null, staleTime: 10_000, retry: false });
  const named = (chosen: Fields["included"]) =>
    chosen.map((part) => parts.choices?.find((one) => one.key === keyOf(part))?.name ?? (parts.choices ? "one that was archived" : "…")).join(", ");
  return (
    <SimpleGrid cols={{ base: 1, sm: 3 }}>
      <About title="Who" step="audience" go={go}>
        <Text size="sm">{fields.included.length > 0 ? named(fields.included) : "Nobody chosen"}</Text>
        {fields.excluded.length > 0 && <Text size="sm" c="dimmed">Without {named(fields.excluded)}</Text>}
      </About>
      <About title="What" step="content" go={go}>
        <Text size="sm">{fields.template_id === null ? "No email chosen" : (template.data?.subject ?? (template.error ? "This email is no longer there" : "…"))}</Text>
        {template.data && <Text size="sm" c="dimmed">{template.data.name}</Text>}
      </About>
      <About title="When" step="schedule" go={go}>
        <Text size="sm">{fields.send_at === null ? "At once" : times.moment(fields.send_at)}</Text>
        <Text size="sm" c="dimmed">{fields.send_at === null ? "" : `${times.zone} · `}{fields.smart_sending ? "Smart sending on" : "Smart sending off"}</Text>
      </About>
    </SimpleGrid>
  );
}

function About({ title, step, go, children }: { title: string; step: Step; go: (step: Step) => void; children: React.ReactNode }) {
  return (
    <Paper withBorder p="md">
      <Group justify="space-between" mb={4}>
        <Title order={2} fz="sm" c="dimmed">{title}</Title>
        <Anchor component="button" type="button" size="sm" onClick={() => go(step)} aria-label={`Change: ${title}`}>Change</Anchor>
      </Group>
      {children}
    </Paper>
  );
}
