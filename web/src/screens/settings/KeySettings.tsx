// API keys: private ones for servers, write keys for shops and sites, and how to begin with one.
import { ActionIcon, Alert, Anchor, Button, Stack, Text, Title, VisuallyHidden } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconKey, IconLock, IconPlus, IconTrash } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api, query } from "@/api/client";
import type { components } from "@/api/schema";
import { tellDone } from "@/app/notices";
import { useMay } from "@/app/session";
import { ConfirmModal } from "@/ui/confirm";
import { type Column, DataTable } from "@/ui/DataTable";
import { Moment } from "@/ui/Moment";
import { PageHeader } from "@/ui/PageHeader";
import { Empty } from "@/ui/states";

import { CopyKey } from "./CopyKey";
import { NewKeyDrawer } from "./NewKeyDrawer";
import { Snippet } from "./Snippet";

export type Key = components["schemas"]["KeyOut"];
const KINDS: Record<string, string> = { private: "Private", write: "Write" };

export function KeySettings() {
  const admin = useMay("admin");
  const reads = useMay("marketer");
  const client = useQueryClient();
  const found = query.useQuery("get", "/api/v1/keys", {}, { enabled: reads });
  const [opened, { open, close }] = useDisclosure(false);
  const [ended, setEnded] = useState<Key | null>(null);
  const again = () => client.invalidateQueries({ queryKey: ["get", "/api/v1/keys"] });
  const revoke = async (key: Key) => {
    await api.DELETE("/api/v1/keys/{key_id}", { params: { path: { key_id: key.id } } });
    tellDone("The key is revoked.");
    await again();
  };
  if (!reads) {
    return (
      <>
        <PageHeader title="API keys" />
        <Alert color="gray" icon={<IconLock size={18} />}>Marketers, admins and owners of the brand see its keys.</Alert>
      </>
    );
  }
  const columns: Column<Key>[] = [
    { key: "name", title: "Name", render: (key) => <Text size="sm" fw={550} style={{ overflowWrap: "anywhere" }}>{key.name || "Without a name"}</Text> },
    { key: "kind", title: "Kind", width: 100, render: (key) => KINDS[key.kind] ?? key.kind },
    { key: "key", title: "Key", render: (key) => <CopyKey prefix={key.prefix} whole={key.public} /> },
    { key: "made", title: "Made", wide: true, width: 170, render: (key) => <Moment at={key.created_at} size="sm" /> },
    ...(admin ? [{ key: "revoke", title: <VisuallyHidden>Actions</VisuallyHidden>, width: 56, align: "right" as const, render: (key: Key) => <ActionIcon aria-label={`Revoke ${key.name || key.prefix}`} onClick={() => setEnded(key)}><IconTrash size={18} /></ActionIcon> }] : []),
  ];
  const write = found.data?.find((key) => key.kind === "write" && key.public)?.public;
  return (
    <>
      <PageHeader title="API keys" description="A private key may do everything an admin may; keep it on servers. A write key only sends events, and may stand in a web page." actions={admin && <Button leftSection={<IconPlus size={17} aria-hidden />} onClick={open}>New key</Button>} />
      <Stack gap="xl">
        <DataTable label="API keys" columns={columns} rows={found.data} rowKey={(key) => key.id} loading={found.isPending} error={found.error} retry={() => void found.refetch()} empty={<Empty icon={IconKey} title="There is no key" action={admin && <Button onClick={open}>New key</Button>}>Shops, sites and servers need one to send events or to call the API.</Empty>} />
        {write && (
          <section aria-label="Send the first event">
            <Title order={2} fz="md" mb={4}>Send the first event</Title>
            <Text size="sm" c="dimmed" mb="sm">With a write key; the people and events in it are there within a second. <Anchor href="/api/docs" inherit>All of the API</Anchor></Text>
            <Snippet writeKey={write} />
          </section>
        )}
      </Stack>
      <NewKeyDrawer opened={opened} onClose={close} onMade={() => void again()} />
      <ConfirmModal opened={ended !== null} onClose={() => setEnded(null)} title={`Revoke “${ended?.name || ended?.prefix}”?`} action="Revoke" danger onConfirm={() => revoke(ended!)}>
        Whatever uses this key is refused from now on: {ended?.kind === "write" ? "its events are not taken." : "its calls fail."} This cannot be undone.
      </ConfirmModal>
    </>
  );
}
