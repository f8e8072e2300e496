// What can be done with people of a list: taking them off it.
import { Button, Group, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api } from "@/api/client";
import type { components } from "@/api/schema";
import { tellDone } from "@/app/notices";
import { ConfirmModal } from "@/ui/confirm";
import { people } from "@/ui/formats";

export function OnList({ list, ids, onDone }: { list: components["schemas"]["ListOut"]; ids: number[]; onDone: () => void }) {
  const [asking, setAsking] = useState(false);
  const client = useQueryClient();
  const remove = async () => {
    const { data } = await api.POST("/api/v1/lists/{list_id}/members/remove", { params: { path: { list_id: list.id } }, body: { profiles: ids.map((id) => ({ id })) } });
    await client.invalidateQueries({ queryKey: ["get"] });
    tellDone(`${people(data?.removed ?? 0)} taken off ${list.name}.`);
    onDone();
  };
  return (
    <Group gap="xs">
      <Text size="sm" fw={550}>{people(ids.length)} chosen</Text>
      <Button size="xs" variant="default" onClick={() => setAsking(true)}>Take off the list</Button>
      <Button size="xs" variant="subtle" color="gray" onClick={onDone}>Choose none</Button>
      <ConfirmModal opened={asking} onClose={() => setAsking(false)} onConfirm={remove} title={`Take off ${list.name}`} action="Take off the list">
        {people(ids.length)} get no more campaigns that go to this list. Flows they are in go on, and their consent stays as it is.
      </ConfirmModal>
    </Group>
  );
}
