// What else can be done with a segment: rebuild it, or take it out of use, with what that means for what uses it.
import { ActionIcon, List, Menu, Stack, Text } from "@mantine/core";
import { IconDots, IconMailPlus, IconRefresh, IconTrash } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";

import { api } from "@/api/client";
import { tellDone } from "@/app/notices";
import { useInBrand } from "@/app/places";
import { ConfirmModal } from "@/ui/confirm";
import { people } from "@/ui/formats";

import { refreshList, refreshSegments } from "./refresh";
import type { Segment } from "./State";
import { howUsed, kindOf, type Use, useUses } from "./uses";

export function SegmentMenu({ segment }: { segment: Segment }) {
  const [asked, setAsked] = useState<"rebuild" | "delete" | null>(null);
  const uses = useUses().get(segment.id) ?? [];
  const client = useQueryClient();
  const navigate = useNavigate();
  const inBrand = useInBrand();
  const params = { path: { segment_id: segment.id } };
  const rebuild = async () => {
    await api.POST("/api/v1/segments/{segment_id}/rebuild", { params });
    await refreshSegments(client);
    tellDone(`${segment.name} is being built anew.`);
  };
  const remove = async () => {
    await api.DELETE("/api/v1/segments/{segment_id}", { params });
    tellDone(`${segment.name} was taken out of use.`);
    await navigate({ to: inBrand("/segments") });
    await refreshList(client);
  };
  return (
    <>
      <Menu position="bottom-end" shadow="md">
        <Menu.Target><ActionIcon variant="default" size={36} aria-label="More about this segment"><IconDots size={18} /></ActionIcon></Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconMailPlus size={16} />} component={Link} to={inBrand("/campaigns/new")} search={{ segment: String(segment.id) } as never}>Send it a campaign</Menu.Item>
          <Menu.Item leftSection={<IconRefresh size={16} />} onClick={() => setAsked("rebuild")} disabled={segment.state === "building"}>Rebuild</Menu.Item>
          <Menu.Divider />
          <Menu.Item color="red" leftSection={<IconTrash size={16} />} onClick={() => setAsked("delete")}>Delete</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <ConfirmModal opened={asked === "rebuild"} onClose={() => setAsked(null)} onConfirm={rebuild} title={`Rebuild ${segment.name}?`} action="Rebuild">
        Its members are found anew from all that is known. Until that is done the present {people(segment.members)} stay in it, and nobody enters or leaves by it as an event: no flow starts.
      </ConfirmModal>
      <ConfirmModal opened={asked === "delete"} onClose={() => setAsked(null)} onConfirm={remove} title={`Delete ${segment.name}?`} action="Delete segment" danger>
        <Consequences segment={segment} uses={uses} />
      </ConfirmModal>
    </>
  );
}

function Consequences({ segment, uses }: { segment: Segment; uses: Use[] }) {
  const builds = uses.filter((one) => one.how === "builds_on");
  return (
    <Stack gap="sm">
      <Text size="sm">It is taken out of use, and its name is free again. {people(segment.members)} {segment.members === 1 ? "is" : "are"} in it; the people themselves stay as they are.</Text>
      {uses.length > 0 && (
        <>
          <Text size="sm" fw={600}>It is used:</Text>
          <List size="sm">{uses.map((one) => <List.Item key={`${one.kind} ${one.id} ${one.how}`}>{kindOf(one)} {one.name} {howUsed(one)}</List.Item>)}</List>
          <Text size="sm">{builds.length > 0 ? "While another segment builds on it, it cannot be deleted: change that one first." : "A flow’s question for it will find nobody in it, and a campaign that names it will not be sent before its audience is changed."}</Text>
        </>
      )}
    </Stack>
  );
}
