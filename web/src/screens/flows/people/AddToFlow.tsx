// People put into a flow by hand: some by their addresses, everybody in a segment or on a list, or those of the past.
import { NumberInput, Radio, SegmentedControl, Select, Stack, Text, Textarea } from "@mantine/core";
import { useState } from "react";

import { api, ApiError, query } from "@/api/client";
import { FormDrawer } from "@/ui/FormDrawer";

import type { FlowDetail } from "../flow";
import { type Job } from "./useJob";
import { type How, ways } from "./ways";

interface Props {
  flow: FlowDetail;
  opened: boolean;
  onClose: () => void;
  onBegun: (job: Job) => void;
}

const LABELS: Record<How, string> = { people: "People", segment: "Segment", list: "List", past: "From the past" };

export function AddToFlow({ flow, opened, onClose, onBegun }: Props) {
  const possible = ways(flow.definition);
  const [how, setHow] = useState<How>(possible[0] ?? "people");
  const [addresses, setAddresses] = useState("");
  const [segment, setSegment] = useState<string | null>(null);
  const [list, setList] = useState<string | null>(null);
  const [days, setDays] = useState<number | string>("");
  const [from, setFrom] = useState<"joined" | "now">("joined");
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<string | null>(null);
  const path = { params: { path: { slug: flow.slug } } };
  const profiles = addresses.split(/[\s,;]+/).filter(Boolean);
  const begin = async () => {
    if (how === "past") return (await api.POST("/api/v1/flows/{slug}/backfill", { ...path, body: { days: typeof days === "number" ? days : null, from } })).data!;
    const body = how === "people" ? { profiles: profiles.map((email) => ({ email })) } : how === "segment" ? { segment: Number(segment) } : { list: Number(list) };
    return (await api.POST("/api/v1/flows/{slug}/people", { ...path, body })).data!;
  };
  const submit = async () => {
    setBusy(true);
    setRefused(null);
    try {
      const job = await begin();
      setAddresses("");
      onBegun(job);
      onClose();
    } catch (error) {
      setRefused(error instanceof ApiError ? error.detail || error.title : "Nobody was added.");
    } finally {
      setBusy(false);
    }
  };
  const byDate = how === "past" && flow.definition?.trigger !== undefined && !isByMetric(flow.definition);
  return (
    <FormDrawer opened={opened} onClose={onClose} title={`Add people to ${flow.name}`} action={possible.length > 0 ? (how === "past" ? "Fill from the past" : "Add people") : undefined} busy={busy} refused={refused} onSubmit={() => void submit()}>
      {possible.length === 0 ? (
        <Text size="sm">Nobody can be added to this flow by hand: it begins by a date, a price, stock or a call. It takes people in itself.</Text>
      ) : (
        <>
          {possible.length > 1 && <SegmentedControl fullWidth aria-label="Whom to add" value={how} onChange={(value) => setHow(value as How)} data={possible.map((value) => ({ value, label: LABELS[value] }))} />}
          {how === "people" && <Textarea label="Email addresses" description="One a line, at most 1,000. People whom the brand does not know yet are told to you and left out." value={addresses} onChange={(event) => setAddresses(event.currentTarget.value)} autosize minRows={4} maxRows={14} required />}
          {how === "segment" && <Choose what="segment" value={segment} onChange={setSegment} />}
          {how === "list" && <Choose what="list" value={list} onChange={setList} />}
          {how === "past" && (
            <Stack gap="md">
              <Text size="sm">Whoever would be in this flow had it been live before is put where they would be by now. What lies behind them is not made up for, so nothing is sent at once. People who ever were in it are left out.</Text>
              <NumberInput label="No further back than" description="Empty: as far as the flow is long." suffix=" days" placeholder="All of it" min={1} max={3650} allowDecimal={false} value={days} onChange={setDays} />
              {byDate && (
                <Radio.Group label="Their time counts" value={from} onChange={(value) => setFrom(value as "joined" | "now")}>
                  <Stack gap="xs" mt="xs">
                    <Radio value="joined" label="From when they joined" />
                    <Radio value="now" label="From now" description="Everyone begins at the first step." />
                  </Stack>
                </Radio.Group>
              )}
            </Stack>
          )}
          {how !== "past" && <Text size="sm" c="dimmed">They come in as though it had just happened. The flow's filters, its holdout and how soon somebody may come in again hold as always.</Text>}
        </>
      )}
    </FormDrawer>
  );
}

function isByMetric(definition: { [key: string]: unknown }): boolean {
  const { trigger } = definition;
  return typeof trigger === "object" && trigger !== null && "metric" in trigger;
}

function Choose({ what, value, onChange }: { what: "segment" | "list"; value: string | null; onChange: (value: string | null) => void }) {
  const segments = query.useQuery("get", "/api/v1/segments", { params: { query: { limit: 1000 } } }, { enabled: what === "segment" });
  const lists = query.useQuery("get", "/api/v1/lists", {}, { enabled: what === "list" });
  const found = what === "segment" ? segments.data : lists.data;
  const rows = (found && "data" in found ? found.data : found) ?? [];
  return <Select label={what === "segment" ? "Everyone in the segment" : "Everyone on the list"} placeholder={`Choose a ${what}`} searchable required value={value} onChange={onChange} data={rows.map((one) => ({ value: String(one.id), label: one.name }))} nothingFoundMessage={`No ${what} by this name`} />;
}
