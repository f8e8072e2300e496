// A campaign in four steps: who, what, when, and everything to know before it goes. Each step has its own address.
import { Button, Group, Paper, Stepper, Text, VisuallyHidden } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { IconArrowLeft, IconArrowRight, IconExclamationMark } from "@tabler/icons-react";
import { Navigate, useParams } from "@tanstack/react-router";
import { useEffect, useRef } from "react";

import { query } from "@/api/client";
import { useAddress } from "@/app/address";
import { useInBrand } from "@/app/places";
import { PageHeader } from "@/ui/PageHeader";
import { LoadingPage } from "@/ui/states";
import { StatusBadge } from "@/ui/StatusBadge";

import { AudienceStep } from "./AudienceStep";
import { Broken } from "./Broken";
import { ContentStep } from "./ContentStep";
import { NameField } from "./NameField";
import { ReviewStep } from "./ReviewStep";
import { ScheduleStep } from "./ScheduleStep";
import type { Campaign } from "./shapes";
import { type CampaignDraft, type Fields, useCampaignDraft } from "./useCampaignDraft";
import classes from "./Wizard.module.css";

export const STEPS = ["audience", "content", "schedule", "review"] as const;
export type Step = (typeof STEPS)[number];

const TITLES: Record<Step, [string, string]> = {
  audience: ["Audience", "Who gets it"],
  content: ["Content", "Which email"],
  schedule: ["Schedule", "When it goes"],
  review: ["Review", "Check and send"],
};

export function CampaignWizard() {
  const { campaign: id } = useParams({ strict: false });
  const inBrand = useInBrand();
  const asked = query.useQuery("get", "/api/v1/campaigns/{campaign_id}", { params: { path: { campaign_id: Number(id) } } }, { staleTime: Infinity });
  const { data, error } = asked;
  const retry = () => void asked.refetch();
  if (error) return <Broken what="Campaign" error={error} retry={retry} />;
  if (!data) return <LoadingPage />;
  if (data.status !== "draft") return <Navigate to={inBrand(`/campaigns/${id}`)} replace />;
  return <Steps key={data.id} campaign={data} />;
}

function Steps({ campaign }: { campaign: Campaign }) {
  const inBrand = useInBrand();
  const draft = useCampaignDraft(campaign);
  const [{ step: given }, setAddress] = useAddress();
  const step = STEPS.find((one) => one === given) ?? "audience";
  const place = STEPS.indexOf(step);
  const narrow = useMediaQuery("(max-width: 48em)");
  const top = useRef<HTMLDivElement>(null);
  const shown = useRef(step);
  const go = (next: Step) => {
    void draft.flush();
    setAddress({ step: next }, { push: true });
  };
  // A new step begins at its top, for eyes and for screen readers.
  useEffect(() => {
    if (shown.current === step) return;
    shown.current = step;
    top.current?.focus({ preventScroll: true });
    window.scrollTo({ top: 0 });
  }, [step]);
  const trail = [{ label: "Campaigns", to: inBrand("/campaigns") }];
  if (campaign.series_id) trail.push({ label: "Series", to: inBrand(`/series/${campaign.series_id}`) });
  return (
    <>
      <PageHeader
        title={draft.fields.name || "Unnamed campaign"}
        badge={<StatusBadge status="draft" />}
        trail={trail}
        actions={<SaveState draft={draft} />}
      />
      <Stepper active={place} onStepClick={(chosen) => go(STEPS[chosen]!)} size="sm" mb="lg" iconSize={32} className={classes.steps} aria-label="Steps of this campaign">
        {STEPS.map((one) => (
          <Stepper.Step
            key={one}
            label={narrow ? undefined : TITLES[one][0]}
            description={narrow ? undefined : <>{TITLES[one][1]}{lacks(one, draft.fields) && <VisuallyHidden>, not finished</VisuallyHidden>}</>}
            completedIcon={lacks(one, draft.fields) ? <IconExclamationMark size={18} aria-hidden /> : undefined}
            color={lacks(one, draft.fields) && STEPS.indexOf(one) < place ? "yellow.9" : undefined}
            aria-label={narrow ? `${STEPS.indexOf(one) + 1}. ${TITLES[one][0]}${lacks(one, draft.fields) ? ", not finished" : ""}` : undefined}
            aria-current={one === step ? "step" : undefined}
          />
        ))}
      </Stepper>
      {narrow && <Text fw={600} mb="md">Step {place + 1} of {STEPS.length}: {TITLES[step][0]}. {TITLES[step][1]}</Text>}
      <div ref={top} tabIndex={-1} className={classes.top} aria-label={`${TITLES[step][0]}: ${TITLES[step][1]}`} role="group">
        {step === "audience" && <NameField draft={draft} />}
        {step === "audience" && <AudienceStep draft={draft} />}
        {step === "content" && <ContentStep draft={draft} />}
        {step === "schedule" && <ScheduleStep draft={draft} />}
        {step === "review" && <ReviewStep campaign={campaign} draft={draft} go={go} />}
      </div>
      <Paper withBorder className={classes.foot}>
        <Group justify="space-between">
          <Button variant="default" leftSection={<IconArrowLeft size={16} aria-hidden />} disabled={place === 0} onClick={() => go(STEPS[place - 1]!)}>Back</Button>
          {place < STEPS.length - 1 && (
            <Button rightSection={<IconArrowRight size={16} aria-hidden />} onClick={() => go(STEPS[place + 1]!)}>{TITLES[STEPS[place + 1]!][0]}</Button>
          )}
        </Group>
      </Paper>
    </>
  );
}

/** Whether a step still has to be done. */
function lacks(step: Step, fields: Fields): boolean {
  return (step === "audience" && fields.included.length === 0) || (step === "content" && fields.template_id === null);
}

function SaveState({ draft }: { draft: CampaignDraft }) {
  if (draft.saving === "refused") {
    return (
      <Group gap="xs" role="alert">
        <Text size="sm" c="red" maw={420}>Not saved: {draft.refused?.detail || draft.refused?.title} It is kept in this browser.</Text>
        <Button size="xs" variant="default" onClick={() => void draft.flush()}>Try again</Button>
      </Group>
    );
  }
  return <Text size="sm" c="dimmed" role="status">{draft.saving === "saved" ? "Draft saved" : "Saving…"}</Text>;
}
