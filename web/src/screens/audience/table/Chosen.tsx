// What can be done with the people chosen in the table.
import { Button, Group, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api } from "@/api/client";
import { tellDone } from "@/app/notices";
import { ConfirmModal } from "@/ui/confirm";
import { people } from "@/ui/formats";

import { ListChoice } from "../lists/ListChoice";

interface Props {
  ids: number[];
  onDone: () => void;
}

export function Chosen({ ids, onDone }: Props) {
  const [asking, setAsking] = useState<"list" | "suppress" | null>(null);
  const [list, setList] = useState<string | null>(null);
  const client = useQueryClient();
  const profiles = ids.map((id) => ({ id }));
  const after = async (said: string) => {
    await client.invalidateQueries({ queryKey: ["get"] });
    tellDone(said);
    onDone();
  };
  const put = async () => {
    if (!list) throw new Error("Choose a list.");
    const { data } = await api.POST("/api/v1/lists/{list_id}/members", { params: { path: { list_id: Number(list) } }, body: { profiles, method: "app", detail: {}, confirmed: false, historical: false } });
    const waiting = data?.pending ? ` ${people(data.pending)} must confirm first.` : "";
    await after(`${people(data?.added ?? 0)} joined the list.${waiting}`);
  };
  const suppress = async () => {
    await api.POST("/api/v1/consent/suppress", { body: { profiles, reason: "user_suppressed", detail: {} } });
    await after(`${people(ids.length)} suppressed: nothing is sent to them.`);
  };
  return (
    <Group gap="xs">
      <Text size="sm" fw={550}>{people(ids.length)} chosen</Text>
      <Button size="xs" variant="default" onClick={() => setAsking("list")}>Add to list</Button>
      <Button size="xs" variant="default" onClick={() => setAsking("suppress")}>Suppress</Button>
      <Button size="xs" variant="subtle" color="gray" onClick={onDone}>Choose none</Button>
      <ConfirmModal opened={asking === "list"} onClose={() => setAsking(null)} onConfirm={put} title="Add to a list" action="Add to list">
        <Text size="sm" mb="sm">{people(ids.length)} will be put on the list. Flows that begin with it start for those who were not on it; on a list with double opt-in they are asked to confirm first. Their consent stays as it is.</Text>
        <ListChoice value={list} onChange={setList} />
      </ConfirmModal>
      <ConfirmModal opened={asking === "suppress"} onClose={() => setAsking(null)} onConfirm={suppress} title="Suppress these people" action="Suppress" danger>
        Nothing is sent to {people(ids.length)} any more, not even order confirmations that Headwater sends. You can lift it under Suppressions.
      </ConfirmModal>
    </Group>
  );
}
