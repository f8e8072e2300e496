// Emails that wait until somebody decides: for whom, how each would look to them, and sent or declined, one or all.
import { Button, Grid, Group, Paper, ScrollArea, Select, Stack, Text, Title, UnstyledButton } from "@mantine/core";
import { IconMailCheck } from "@tabler/icons-react";
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";

import { api } from "@/api/client";
import type { components } from "@/api/schema";
import { useAddress } from "@/app/address";
import { tellDone, tellRefused } from "@/app/notices";
import { useInBrand } from "@/app/places";
import { useBrand, useMay } from "@/app/session";
import { PersonCell } from "@/screens/audience/PersonCell";
import { ConfirmModal } from "@/ui/confirm";
import { counted } from "@/ui/formats";
import { Moment } from "@/ui/Moment";
import { Empty, Failed, LoadingRows } from "@/ui/states";
import { useTimes } from "@/ui/times";

import type { Definition } from "./builder/steps";
import { EmailLook } from "./EmailLook";
import { definitionOf, type FlowDetail, mailsOf, namesOf } from "./flow";
import { FlowHeader } from "./FlowHeader";
import classes from "./flows.module.css";
import { useFlow } from "./useFlow";

type Held = components["schemas"]["HeldOut"];
type Action = "send" | "cancel";

export function FlowReviewScreen() {
  const { flow, instead } = useFlow();
  return flow ? <Review flow={flow} /> : instead;
}

function useHeld(slug: string, step: string) {
  const { slug: brand } = useBrand();
  return useInfiniteQuery({
    queryKey: ["flow-review", brand, slug, step],
    initialPageParam: null as string | null,
    queryFn: async ({ pageParam, signal }) => (await api.GET("/api/v1/flows/{slug}/review", { params: { path: { slug }, query: { step: step || null, limit: 100, cursor: pageParam } }, signal })).data!,
    getNextPageParam: (page) => page.next ?? undefined,
    refetchInterval: 60_000,
  });
}

function Review({ flow }: { flow: FlowDetail }) {
  const { zone } = useTimes();
  const client = useQueryClient();
  const mayChange = useMay("marketer");
  const [{ step = "", person = "" }, setAddress] = useAddress();
  const [asked, setAsked] = useState<Action | null>(null);
  const found = useHeld(flow.slug, step);
  const definition = definitionOf(flow);
  const names = namesOf(definition);
  const rows = found.data?.pages.flatMap((page) => page.data);
  const chosen = rows?.find((one) => key(one) === person) ?? rows?.[0];
  const steps = [...new Set(rows?.map((one) => one.step))];
  const only = step || (steps.length === 1 ? steps[0]! : "");
  const decide = async (action: Action, at: string, profiles: number[] | "all") => {
    const { data } = await api.POST("/api/v1/flows/{slug}/review", { params: { path: { slug: flow.slug } }, body: { step: at, action, profiles } });
    tellDone(action === "send" ? `${counted(data!.decided, "email")} approved. They go out now.` : `${counted(data!.decided, "email")} declined. These people go on without.`);
    await Promise.all([client.invalidateQueries({ queryKey: ["flow-review"] }), client.invalidateQueries({ queryKey: ["get", "/api/v1/flows/{slug}"] })]);
  };
  return (
    <>
      <FlowHeader
        flow={flow}
        screen="review"
        description={`Steps with the status “manual” hold people here until somebody decides. Times are in ${zone}.`}
        actions={mayChange && rows && rows.length > 0 && (
          <>
            <Button variant="default" disabled={!only} title={only ? undefined : "Choose a step first"} onClick={() => setAsked("cancel")}>Decline all</Button>
            <Button disabled={!only} title={only ? undefined : "Choose a step first"} onClick={() => setAsked("send")}>Send all</Button>
          </>
        )}
      />
      {(step || steps.length > 1) && <Select aria-label="Step" placeholder="All held steps" clearable clearButtonProps={{ "aria-label": "All held steps" }} mb="md" w={{ base: "100%", xs: 320 }} value={step || null} onChange={(value) => setAddress({ step: value ?? undefined, person: undefined })} data={[...new Set([step, ...steps])].filter(Boolean).map((value) => ({ value, label: names.get(value) ?? value }))} />}
      {found.isError && <Failed error={found.error} retry={() => void found.refetch()} />}
      {found.isPending && <Paper withBorder p="md"><LoadingRows /></Paper>}
      {rows?.length === 0 && (
        <Paper withBorder>
          <Empty icon={IconMailCheck} title="Nothing to review">
            Nobody is held. Set an email to “manual” in the builder to look at each one before it goes.
          </Empty>
        </Paper>
      )}
      {rows && chosen && (
        <Grid gap="md">
          <Grid.Col span={{ base: 12, md: 5, lg: 4 }}>
            <Paper withBorder component="section" aria-label="Who is held">
              <ScrollArea.Autosize mah={{ base: "36vh", md: "70vh" }}>
                {rows.map((one) => (
                  <UnstyledButton key={key(one)} className={classes.held} data-chosen={one === chosen || undefined} aria-pressed={one === chosen} onClick={() => setAddress({ person: key(one) })}>
                    <PersonCell id={one.profile_id} first_name={one.first_name} last_name={one.last_name} email={one.email} />
                    <Text size="xs" c="dimmed">{names.get(one.step) ?? one.step}, held since <Moment at={one.since} /></Text>
                  </UnstyledButton>
                ))}
                {found.hasNextPage && <Button fullWidth variant="subtle" loading={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>Show more</Button>}
              </ScrollArea.Autosize>
            </Paper>
          </Grid.Col>
          <Grid.Col span={{ base: 12, md: 7, lg: 8 }}>
            <One key={key(chosen)} held={chosen} definition={definition} onDecide={mayChange ? (action) => decide(action, chosen.step, [chosen.profile_id]) : null} />
          </Grid.Col>
        </Grid>
      )}
      <ConfirmModal opened={asked !== null} onClose={() => setAsked(null)} onConfirm={() => decide(asked!, only, "all")} title={asked === "send" ? `Send “${names.get(only) ?? only}” to everyone who is held?` : `Decline “${names.get(only) ?? only}” for everyone who is held?`} action={asked === "send" ? "Send all" : "Decline all"} danger={asked === "cancel"}>
        {found.hasNextPage ? `More than ${counted(rows?.length ?? 0, "person", "people")}` : counted(rows?.filter((one) => one.step === only).length ?? 0, "person", "people")} {asked === "send" ? "get this email now, unless something else keeps it back: consent, smart sending, the flow's filters. What comes after counts from now. It cannot be called back." : "go on to the next step without this email. It is not sent to them later."}
      </ConfirmModal>
    </>
  );
}

const key = (one: Held) => `${one.profile_id}-${one.step}`;

function One({ held, definition, onDecide }: { held: Held; definition: Definition | null; onDecide: ((action: Action) => Promise<void>) | null }) {
  const inBrand = useInBrand();
  const [busy, setBusy] = useState<Action | null>(null);
  const email = mailsOf(definition).find((one) => one.id === held.step);
  const go = async (action: Action) => {
    setBusy(action);
    await onDecide!(action).catch(tellRefused);
    setBusy(null);
  };
  return (
    <Paper withBorder p="md" component="section" aria-label="What is held">
      <Group justify="space-between" mb="md" align="flex-start">
        <Stack gap={2} miw={0}>
          <Title order={2} fz="md">{email?.name || held.step}</Title>
          <Text size="sm" c="dimmed">As <Text span inherit component={Link} to={inBrand(`/profiles/${held.profile_id}`)} c="var(--mantine-color-anchor)">{held.email ?? "this person"}</Text> would get it</Text>
        </Stack>
        {onDecide && (
          <Group gap="xs">
            <Button size="xs" variant="default" loading={busy === "cancel"} onClick={() => void go("cancel")}>Decline</Button>
            <Button size="xs" loading={busy === "send"} onClick={() => void go("send")}>Send</Button>
          </Group>
        )}
      </Group>
      {email ? <EmailLook template={email.template_id} profile={held.profile_id} event={held.event} /> : <Text size="sm">This step changes or calls something; there is no email to look at.</Text>}
    </Paper>
  );
}
