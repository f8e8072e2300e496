// Who is in a flow: where each person stands, since when, and what comes next.
import { ActionIcon, Badge, Button, Select, Stack, Text, Tooltip, VisuallyHidden } from "@mantine/core";
import { IconUserMinus, IconUserPlus, IconUsers } from "@tabler/icons-react";
import { keepPreviousData, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api, query } from "@/api/client";
import type { components } from "@/api/schema";
import { useAddress } from "@/app/address";
import { tellDone } from "@/app/notices";
import { useInBrand } from "@/app/places";
import { useMay } from "@/app/session";
import { PersonCell } from "@/screens/audience/PersonCell";
import { ConfirmModal } from "@/ui/confirm";
import { type Column, DataTable } from "@/ui/DataTable";
import { count, people as counted } from "@/ui/formats";
import { Moment } from "@/ui/Moment";
import { Empty } from "@/ui/states";
import { useTimes } from "@/ui/times";

import { definitionOf, type FlowDetail, namesOf } from "./flow";
import { FlowHeader } from "./FlowHeader";
import { AddToFlow } from "./people/AddToFlow";
import { JobBar } from "./people/JobBar";
import { isState, STATES } from "./people/states";
import { useJob } from "./people/useJob";
import { leftWords } from "./reasons";
import { useFlow } from "./useFlow";

type Inside = components["schemas"]["InsideOut"];

const PAGE = 50;
const COLORS = { waiting: "blue", held: "yellow", completed: "green", exited: "gray" } as const;

export function FlowPeopleScreen() {
  const { flow, instead } = useFlow();
  return flow ? <People flow={flow} /> : instead;
}

function People({ flow }: { flow: FlowDetail }) {
  const inBrand = useInBrand();
  const { zone } = useTimes();
  const mayChange = useMay("marketer");
  const [{ state: given = "", step = "", at = "" }, setAddress] = useAddress();
  const [adding, setAdding] = useState(false);
  const [removing, setRemoving] = useState<Inside | null>(null);
  const { job, follow } = useJob(flow.slug);
  const state = isState(given) ? given : undefined;
  const trail = at ? at.split(".") : [];
  const published = flow.version !== null;
  const found = query.useQuery(
    "get",
    "/api/v1/flows/{slug}/people",
    { params: { path: { slug: flow.slug }, query: { limit: PAGE, cursor: trail.at(-1) ?? null, step: step || null, state: state ?? null } } },
    { placeholderData: keepPreviousData, enabled: published, refetchInterval: 30_000 },
  );
  const names = namesOf(definitionOf(flow));
  const rows = published ? found.data?.data : [];
  const first = trail.length * PAGE + 1;
  const description = `${counted(flow.waiting)} on their way, ${count(flow.completed)} went through, ${count(flow.exited)} left early. Times are in ${zone}.`;
  return (
    <>
      <FlowHeader
        flow={flow}
        screen="people"
        description={published ? description : "Nobody can be in a flow that has never been published."}
        actions={mayChange && published && flow.status !== "archived" && <Button leftSection={<IconUserPlus size={16} aria-hidden />} onClick={() => setAdding(true)}>Add people</Button>}
      />
      {job && <JobBar job={job} onClose={() => follow(null)} />}
      <DataTable
        label={`People in ${flow.name}`}
        columns={columns(names, mayChange ? setRemoving : null)}
        rows={rows}
        rowKey={(row) => row.id}
        rowLink={(row) => inBrand(`/profiles/${row.profile_id}`)}
        loading={published && (found.isPending || found.isPlaceholderData)}
        error={found.isError ? found.error : undefined}
        retry={() => void found.refetch()}
        toolbar={
          <>
            <Select aria-label="State" placeholder="Everyone" clearable clearButtonProps={{ "aria-label": "Everyone" }} w={190} value={state ?? null} onChange={(value) => setAddress({ state: value ?? undefined, at: undefined })} data={Object.entries(STATES).map(([value, label]) => ({ value, label }))} />
            <Select aria-label="Step" placeholder="At any step" searchable clearable clearButtonProps={{ "aria-label": "At any step" }} w={{ base: "100%", xs: 300 }} value={step || null} onChange={(value) => setAddress({ step: value ?? undefined, at: undefined })} data={stepChoices(names, step)} nothingFoundMessage="No such step" />
          </>
        }
        empty={<Nobody filtered={Boolean(state || step)} published={published} clear={() => setAddress({ state: undefined, step: undefined, at: undefined })} />}
        paging={rows && {
          label: rows.length > 0 ? `${count(first)}–${count(first + rows.length - 1)}` : "",
          onPrevious: trail.length > 0 ? () => setAddress({ at: trail.slice(0, -1).join(".") }) : undefined,
          onNext: found.data?.next ? () => setAddress({ at: [...trail, found.data.next].join(".") }) : undefined,
        }}
      />
      <AddToFlow flow={flow} opened={adding} onClose={() => setAdding(false)} onBegun={(begun) => follow(begun.id)} />
      <RemoveQuestion flow={flow} person={removing} onClose={() => setRemoving(null)} />
    </>
  );
}

/** Steps by their name; where two have the same, their ids tell them apart. */
function stepChoices(names: ReadonlyMap<string, string>, chosen: string): { value: string; label: string }[] {
  const known = [...names].map(([value, label]) => ({ value, label: [...names.values()].filter((one) => one === label).length > 1 ? `${label} (${value})` : label }));
  return chosen && !names.has(chosen) ? [...known, { value: chosen, label: chosen }] : known;
}

function columns(names: ReadonlyMap<string, string>, remove: ((row: Inside) => void) | null): Column<Inside>[] {
  return [
    { key: "person", title: "Person", render: (row) => <PersonCell id={row.profile_id} first_name={row.first_name} last_name={row.last_name} email={row.email} /> },
    { key: "state", title: "State", render: (row) => <StateCell row={row} /> },
    { key: "step", title: "Step", wide: true, render: (row) => <Text size="sm" maw={260} lineClamp={2}>{names.get(row.step) ?? (row.step || "The beginning")}</Text> },
    { key: "since", title: "There since", wide: true, render: (row) => <Moment at={row.since} /> },
    { key: "next", title: "Next step", wide: true, render: (row) => (row.held === "review" ? <Text size="sm" c="dimmed">When you decide</Text> : row.held === "stock" ? <Text size="sm" c="dimmed">When it is in stock</Text> : <Moment at={row.next_at} />) },
    {
      key: "remove",
      title: <VisuallyHidden>What can be done</VisuallyHidden>,
      width: 52,
      render: (row) => remove && row.state === "waiting" && (
        <Tooltip label="Take out of the flow">
          <ActionIcon aria-label={`Take ${row.email ?? "this person"} out of the flow`} onClick={(event) => { event.stopPropagation(); remove(row); }}><IconUserMinus size={18} aria-hidden /></ActionIcon>
        </Tooltip>
      ),
    },
  ];
}

function StateCell({ row }: { row: Inside }) {
  const state = row.held === "review" ? "held" : isState(row.state) ? row.state : "waiting";
  return (
    <Stack gap={2} align="flex-start">
      <Badge color={COLORS[state]} miw="max-content">{STATES[state]}</Badge>
      {row.reason && row.state === "exited" && <Text size="xs" c="dimmed">{leftWords(row.reason)}</Text>}
    </Stack>
  );
}

function Nobody({ filtered, published, clear }: { filtered: boolean; published: boolean; clear: () => void }) {
  if (filtered) return <Empty icon={IconUsers} title="Nobody like this" action={<Button variant="default" onClick={clear}>Show everyone</Button>}>Nobody in this flow is in that state at that step.</Empty>;
  return (
    <Empty icon={IconUsers} title="Nobody has come in yet">
      {published ? "People appear here as soon as what starts the flow happens to them." : "Publish the flow first; then people come in when what starts it happens to them."}
    </Empty>
  );
}

function RemoveQuestion({ flow, person, onClose }: { flow: FlowDetail; person: Inside | null; onClose: () => void }) {
  const client = useQueryClient();
  const remove = async () => {
    const { data } = await api.POST("/api/v1/flows/{slug}/people/remove", { params: { path: { slug: flow.slug } }, body: { enrolments: [person!.id] } });
    tellDone(data!.removed > 0 ? "They are out of the flow." : "They had left the flow already.");
    await Promise.all(["/api/v1/flows/{slug}/people", "/api/v1/flows/{slug}"].map((key) => client.invalidateQueries({ queryKey: ["get", key] })));
  };
  return (
    <ConfirmModal opened={person !== null} onClose={onClose} onConfirm={remove} title="Take them out of the flow?" action="Take out" danger>
      {person?.email ?? "This person"} leaves “{flow.name}” at once, and what is planned for them is cancelled. They may come in again when what starts the flow happens and its rules allow it.
    </ConfirmModal>
  );
}
