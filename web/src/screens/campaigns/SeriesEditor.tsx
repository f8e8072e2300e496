// Plans a series: who, its days with their emails and times, and what takes somebody out of it.
import { Alert, Anchor, Button, Group, Paper, Select, Stack, Text, TextInput, Title } from "@mantine/core";
import { IconAlertTriangle, IconSend, IconTrash } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";

import { api, ApiError, query } from "@/api/client";
import { useAddress } from "@/app/address";
import { useDraft } from "@/app/drafts";
import { tellDone } from "@/app/notices";
import { useInBrand } from "@/app/places";
import { useBrand, useMay } from "@/app/session";
import { ConfirmModal } from "@/ui/confirm";
import { counted, people } from "@/ui/formats";
import { PageHeader } from "@/ui/PageHeader";
import { StatusBadge } from "@/ui/StatusBadge";
import { useTimes } from "@/ui/times";

import { useRefresh } from "./acts";
import { AudienceForm, useAudience } from "./AudienceStep";
import { DaysTable } from "./DaysTable";
import { BUYS, inOrder, missing, type Plan, planOf, problems } from "./seriesPlan";
import type { Series } from "./shapes";
import classes from "./Wizard.module.css";

interface Props {
  /** null: it has never been saved. */
  series: Series | null;
  saved: Plan;
  now: string;
}

export function SeriesEditor({ series, saved, now }: Props) {
  const inBrand = useInBrand();
  const { slug } = useBrand();
  const mayChange = useMay("marketer");
  const times = useTimes();
  const draft = useDraft<Plan>(`series:${slug}:${series?.id ?? "new"}`, saved);
  const plan = draft.value;
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<ApiError | null>(null);
  // A series that was new had to get its address first; the question comes with it.
  const [{ ask: carried }, setAddress] = useAddress();
  const [asked, setAsked] = useState<"schedule" | "delete" | null>(carried === "schedule" ? "schedule" : null);
  const close = () => {
    setAsked(null);
    setAddress({ ask: undefined });
  };
  const acts = useSeriesActs(series, (next) => draft.settle(next));
  const wrong = problems(plan);
  const lacking = missing(plan, now);
  const change = (part: Partial<Plan>) => draft.change({ ...plan, ...part });
  const first = useAudience({ included: plan.included, excluded: plan.excluded, send_at: plan.days[0]?.send_at ?? null, smart_sending: true });

  const save = async (then?: "schedule"): Promise<Series | null> => {
    setTried(true);
    if (Object.keys(wrong).length > 0) return null;
    setBusy(true);
    setRefused(null);
    try {
      return await acts.save(plan, then);
    } catch (error) {
      setRefused(error instanceof ApiError ? error : new ApiError(0, "", "", "It could not be saved. What you typed is kept in this browser."));
      return null;
    } finally {
      setBusy(false);
    }
  };
  const ask = async () => {
    if (await save("schedule")) setAsked("schedule");
  };
  const going = first.data?.going ?? 0;
  return (
    <>
      <PageHeader
        title={series ? plan.name || "Unnamed series" : "New series"}
        badge={series && <StatusBadge status="draft" />}
        trail={[{ label: "Campaigns", to: inBrand("/campaigns") }]}
        description="Several emails planned as one. Whoever buys after the first gets none of the others."
        actions={mayChange && (
          <>
            <Text size="sm" c="dimmed" role="status" className={classes.state}>{draft.unsaved ? "Kept in this browser, not saved yet" : series ? "Saved" : ""}</Text>
            {series && <Button variant="default" leftSection={<IconTrash size={16} aria-hidden />} onClick={() => setAsked("delete")}>Delete</Button>}
            <Button variant="default" loading={busy} onClick={() => void save()}>Save draft</Button>
            <Button leftSection={<IconSend size={16} aria-hidden />} disabled={lacking.length > 0} onClick={() => void ask()}>Schedule…</Button>
          </>
        )}
      />
      <Stack gap="md">
        {draft.found && (
          <Alert color="blue" withCloseButton={false}>
            <Group justify="space-between">
              <Text size="sm">This is your unsaved work of {times.moment(draft.found)}.</Text>
              <Anchor component="button" type="button" size="sm" onClick={() => draft.settle(saved)}>Throw it away</Anchor>
            </Group>
          </Alert>
        )}
        {refused && <Alert color="red" icon={<IconAlertTriangle />} role="alert" title="Not saved">{refused.detail || refused.title}</Alert>}
        <Paper withBorder p="lg">
          <Group align="flex-start" grow preventGrowOverflow={false}>
            <TextInput label="Name" description="For you and your colleagues." placeholder="Spring sale" value={plan.name} onChange={(event) => change({ name: event.currentTarget.value })} error={tried ? wrong.name : undefined} maxLength={200} miw={260} />
            <MetricField value={plan.exclude_metric} onChange={(exclude_metric) => change({ exclude_metric })} />
          </Group>
        </Paper>
        <Title order={2} fz="lg" mt="sm">Days</Title>
        <DaysTable plan={plan} now={now} wrong={tried ? wrong : {}} onChange={(days) => change({ days })} />
        <Title order={2} fz="lg" mt="sm">Who gets it</Title>
        <AudienceForm fields={{ included: plan.included, excluded: plan.excluded, send_at: inOrder(plan.days)[0]?.send_at ?? null, smart_sending: true }} onChange={change} />
        {lacking.length > 0 && <Text size="sm" c="dimmed">Before it can be scheduled: {lacking.join(" ")}</Text>}
      </Stack>
      <ConfirmModal opened={asked === "schedule"} onClose={close} title="Schedule this series?" action={`Schedule ${counted(plan.days.length, "email")}`} onConfirm={acts.schedule}>
        <Stack gap="xs">
          <Text size="sm">About <b>{people(going)}</b> get the first email on <b>{times.moment(inOrder(plan.days)[0]?.send_at ?? now)}</b> ({times.zone}); later emails leave out whoever does “{plan.exclude_metric}” in between.</Text>
          <Text size="sm" c="dimmed">All {counted(plan.days.length, "email")} are scheduled, or none. Their content is frozen as it is now. You can make them drafts again until the first goes out.</Text>
        </Stack>
      </ConfirmModal>
      <ConfirmModal opened={asked === "delete"} onClose={close} title="Delete this series?" action="Delete series" danger onConfirm={acts.remove}>
        The series and its {counted(plan.days.length, "draft")} are deleted for good. Nothing of it has been sent; its emails, lists and segments stay.
      </ConfirmModal>
    </>
  );
}

function useSeriesActs(series: Series | null, settle: (plan: Plan) => void) {
  const refresh = useRefresh();
  const navigate = useNavigate();
  const inBrand = useInBrand();
  const [id, setId] = useState(series?.id ?? null);
  const params = { path: { series_id: id ?? 0 } };
  return {
    save: async (plan: Plan, then?: "schedule"): Promise<Series | null> => {
      const days = inOrder(plan.days).map(({ id: campaign, name, template_id, send_at, smart_sending }) => ({ id: campaign, name: name.trim(), template_id, send_at, smart_sending }));
      const body = { name: plan.name.trim(), included: plan.included, excluded: plan.excluded, exclude_metric: plan.exclude_metric, campaigns: days };
      const { data } = id === null ? await api.POST("/api/v1/series", { body }) : await api.PUT("/api/v1/series/{series_id}", { params, body });
      if (!data) return null;
      settle(planOf(data));
      setId(data.id);
      await refresh();
      tellDone("The series is saved as drafts.");
      if (id === null) await navigate({ to: inBrand(`/series/${data.id}`), search: { ask: then } as never, replace: true });
      return data;
    },
    schedule: async () => {
      await api.POST("/api/v1/series/{series_id}/schedule", { params });
      await refresh();
      tellDone("The series is scheduled.");
    },
    remove: async () => {
      await api.DELETE("/api/v1/series/{series_id}", { params });
      // Away first: the page would ask again for what is no longer there.
      await navigate({ to: inBrand("/campaigns") });
      await refresh();
      tellDone("The series is deleted.");
    },
  };
}

function MetricField({ value, onChange }: { value: string; onChange: (metric: string) => void }) {
  const metrics = query.useQuery("get", "/api/v1/metrics", {}, { staleTime: 60_000 });
  const names = [...new Set([BUYS, value, ...(metrics.data ?? []).map((one) => one.name)])];
  return (
    <Select
      label="Left out of later days: whoever does"
      description="Counted from the first email on, and asked again in the moment before each email leaves."
      data={names}
      value={value}
      onChange={(metric) => metric && onChange(metric)}
      searchable
      allowDeselect={false}
      miw={260}
    />
  );
}
