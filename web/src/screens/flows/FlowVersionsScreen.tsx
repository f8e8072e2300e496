// What was published when, by whom, and what each version changed; the last publish can be taken back.
import { Badge, Button, Group, Stack, Text, UnstyledButton } from "@mantine/core";
import { IconArrowBackUp, IconHistory } from "@tabler/icons-react";
import { keepPreviousData, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api, query } from "@/api/client";
import type { components } from "@/api/schema";
import { useAddress } from "@/app/address";
import { tellDone } from "@/app/notices";
import { useMay } from "@/app/session";
import { ConfirmModal } from "@/ui/confirm";
import { type Column, DataTable } from "@/ui/DataTable";
import { people } from "@/ui/formats";
import { Moment } from "@/ui/Moment";
import { Empty } from "@/ui/states";
import { useTimes } from "@/ui/times";

import type { FlowDetail } from "./flow";
import { FlowHeader } from "./FlowHeader";
import { useFlow } from "./useFlow";
import { Changes } from "./versions/Changes";
import { VersionDrawer } from "./versions/VersionDrawer";

type Version = components["schemas"]["VersionOut"];

const PAGE = 20;

export function FlowVersionsScreen() {
  const { flow, instead } = useFlow();
  return flow ? <Versions flow={flow} /> : instead;
}

function Versions({ flow }: { flow: FlowDetail }) {
  const { zone } = useTimes();
  const mayChange = useMay("marketer");
  const [{ at = "", version = "" }, setAddress] = useAddress();
  const [undoing, setUndoing] = useState(false);
  const trail = at ? at.split(".") : [];
  const found = query.useQuery("get", "/api/v1/flows/{slug}/versions", { params: { path: { slug: flow.slug }, query: { limit: PAGE, cursor: trail.at(-1) ?? null } } }, { placeholderData: keepPreviousData });
  const rows = found.data?.data;
  const open = /^\d+$/.test(version) ? Number(version) : null;
  const canUndo = mayChange && flow.version !== null && flow.version > 1 && flow.status !== "archived";
  return (
    <>
      <FlowHeader
        flow={flow}
        screen="versions"
        description={`Each publish is a version, and none ever changes. Times are in ${zone}.`}
        actions={canUndo && <Button variant="default" leftSection={<IconArrowBackUp size={16} aria-hidden />} onClick={() => setUndoing(true)}>Undo last publish</Button>}
      />
      <DataTable
        label={`Versions of ${flow.name}`}
        columns={columns(flow, (one) => setAddress({ version: String(one) }, { push: true }))}
        rows={rows}
        rowKey={(row) => row.version}
        loading={found.isPending || found.isPlaceholderData}
        error={found.isError ? found.error : undefined}
        retry={() => void found.refetch()}
        empty={<Empty icon={IconHistory} title="Never published">The first version comes to be when the draft is published. Until then nobody can enter this flow.</Empty>}
        paging={rows && {
          label: flow.has_draft && flow.version !== null ? "There are changes that are not published yet; see the builder." : "",
          onPrevious: trail.length > 0 ? () => setAddress({ at: trail.slice(0, -1).join(".") }) : undefined,
          onNext: found.data?.next ? () => setAddress({ at: [...trail, found.data.next].join(".") }) : undefined,
        }}
      />
      <VersionDrawer slug={flow.slug} version={open} onClose={() => setAddress({ version: undefined })} />
      <UndoQuestion flow={flow} opened={undoing} onClose={() => setUndoing(false)} />
    </>
  );
}

function columns(flow: FlowDetail, open: (version: number) => void): Column<Version>[] {
  return [
    {
      key: "version",
      title: "Version",
      width: 150,
      render: (row) => (
        <Group gap="xs" wrap="nowrap">
          <UnstyledButton onClick={() => open(row.version)} fw={600} fz="sm" c="var(--mantine-color-anchor)" style={{ whiteSpace: "nowrap" }}>Version {row.version}</UnstyledButton>
          {row.version === flow.version && <Badge color={flow.status === "live" ? "green" : "gray"} miw="max-content">{flow.status === "live" ? "Live" : "Latest"}</Badge>}
        </Group>
      ),
    },
    {
      key: "when",
      title: "Published",
      render: (row) => (
        <Stack gap={0}>
          <Text size="sm"><Moment at={row.published_at} /></Text>
          <Text size="xs" c="dimmed">{row.published_by ? `by ${row.published_by}` : "by the API or the command line"}</Text>
        </Stack>
      ),
    },
    { key: "changes", title: "What it changed", wide: true, render: (row) => <Changed version={row} /> },
  ];
}

function Changed({ version }: { version: Version }) {
  return (
    <Stack gap={4} align="flex-start">
      {version.undoes !== null && <Badge color="gray">Undoes version {version.undoes}</Badge>}
      {version.version === 1 ? <Text size="sm" c="dimmed">The first version</Text> : <Changes changes={version.changes.slice(0, 3)} more={version.changes.length - 3} />}
    </Stack>
  );
}

function UndoQuestion({ flow, opened, onClose }: { flow: FlowDetail; opened: boolean; onClose: () => void }) {
  const client = useQueryClient();
  const last = flow.version ?? 0;
  const undo = async () => {
    const { data } = await api.POST("/api/v1/flows/{slug}/undo", { params: { path: { slug: flow.slug } } });
    const back = data!.put_back > 0 ? ` ${people(data!.put_back)} ${data!.put_back === 1 ? "was" : "were"} put back.` : "";
    tellDone(`Version ${data!.version} runs as the one before did.${back}`);
    await client.invalidateQueries({ predicate: (one) => one.queryKey[0] === "get" && String(one.queryKey[1]).startsWith("/api/v1/flows") });
  };
  return (
    <ConfirmModal opened={opened} onClose={onClose} onConfirm={undo} title={`Undo version ${last}?`} action="Undo last publish">
      What ran before it runs again, as version {last + 1}. Whomever version {last} moved or let go is put back, unless they have gone on since. {people(flow.waiting)} {flow.waiting === 1 ? "is" : "are"} inside now. Undoing again takes this back in turn.
    </ConfirmModal>
  );
}
