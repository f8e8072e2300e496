// What else can be done with a flow: look at it from other sides, pause and resume, take back, archive.
import { ActionIcon, Menu, Text } from "@mantine/core";
import { IconArchive, IconArrowBackUp, IconDots, IconEyeCheck, IconHistory, IconPlayerPause, IconPlayerPlay, IconTestPipe, IconTrash, IconUsers } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useState } from "react";

import { api } from "@/api/client";
import { tellDone } from "@/app/notices";
import { useInBrand } from "@/app/places";
import { useMay } from "@/app/session";
import { ConfirmModal } from "@/ui/confirm";
import { count, people } from "@/ui/formats";

import type { FlowDetail } from "./builder";
import { Resume } from "./publish/Resume";
import type { Editing } from "./saving";

type Asked = "pause" | "resume" | "undo" | "discard" | "archive" | null;

export function FlowMenu({ detail, editing }: { detail: FlowDetail; editing: Editing }) {
  const [asked, setAsked] = useState<Asked>(null);
  const inBrand = useInBrand();
  const may = useMay("marketer") && detail.status !== "archived";
  const to = (page: string) => inBrand(`/flows/${detail.slug}/${page}`);
  const live = detail.version !== null;
  return (
    <>
      <Menu position="bottom-end" shadow="md" width={240}>
        <Menu.Target><ActionIcon variant="default" size={36} aria-label="More to do with this flow"><IconDots size={18} /></ActionIcon></Menu.Target>
        <Menu.Dropdown>
          <Menu.Item component={Link} to={to("backtest")} leftSection={<IconTestPipe size={16} />}>Backtest</Menu.Item>
          <Menu.Item component={Link} to={to("versions")} leftSection={<IconHistory size={16} />}>Versions</Menu.Item>
          <Menu.Item component={Link} to={to("people")} leftSection={<IconUsers size={16} />} rightSection={<Text size="xs" c="dimmed">{count(detail.waiting)}</Text>}>People inside</Menu.Item>
          <Menu.Item component={Link} to={to("review")} leftSection={<IconEyeCheck size={16} />} rightSection={<Text size="xs" c="dimmed">{count(detail.in_review)}</Text>}>Held for review</Menu.Item>
          {may && <Menu.Divider />}
          {may && detail.status === "live" && <Menu.Item leftSection={<IconPlayerPause size={16} />} onClick={() => setAsked("pause")}>Pause</Menu.Item>}
          {may && detail.status === "paused" && <Menu.Item leftSection={<IconPlayerPlay size={16} />} onClick={() => setAsked("resume")}>Resume</Menu.Item>}
          {may && (detail.version ?? 0) > 1 && <Menu.Item leftSection={<IconArrowBackUp size={16} />} onClick={() => setAsked("undo")}>Undo the last publish</Menu.Item>}
          {may && live && detail.has_draft && <Menu.Item leftSection={<IconTrash size={16} />} onClick={() => setAsked("discard")}>Discard the changes</Menu.Item>}
          {may && <Menu.Item color="red" leftSection={<IconArchive size={16} />} onClick={() => setAsked("archive")}>Archive</Menu.Item>}
        </Menu.Dropdown>
      </Menu>
      <Questions detail={detail} editing={editing} asked={asked} close={() => setAsked(null)} />
    </>
  );
}

function Questions({ detail, editing, asked, close }: { detail: FlowDetail; editing: Editing; asked: Asked; close: () => void }) {
  const { slug, name, waiting } = detail;
  const path = { params: { path: { slug } } };
  const inside = waiting === 0 ? "Nobody is in it now." : `${people(waiting)} ${waiting === 1 ? "is" : "are"} in it now.`;
  const does = (run: () => Promise<unknown>, said: string) => async () => {
    await run();
    await editing.reload();
    tellDone(said);
  };
  return (
    <>
      <ConfirmModal opened={asked === "pause"} onClose={close} title={`Pause ${name}?`} action="Pause flow" onConfirm={does(() => api.POST("/api/v1/flows/{slug}/pause", path), "Paused. Everyone stays where they are.")}>
        {inside} Everyone stays where they are, nothing is sent, and nobody new comes in, until you resume it. Then you decide about what came due meanwhile.
      </ConfirmModal>
      <ConfirmModal opened={asked === "undo"} onClose={close} title="Undo the last publish?" action="Undo publish" onConfirm={does(() => api.POST("/api/v1/flows/{slug}/undo", path), "The version before is live again.")}>
        Version {(detail.version ?? 1) - 1} becomes live again, as a new version. People whom the publish moved go back, unless they have gone on since. {inside} Emails that were sent stay sent.
      </ConfirmModal>
      <ConfirmModal opened={asked === "discard"} onClose={close} title="Discard the changes?" action="Discard changes" danger onConfirm={does(() => api.DELETE("/api/v1/flows/{slug}/draft", path), "The changes are gone; the flow shows what is live.")}>
        What was changed since version {detail.version} is thrown away. The flow that runs is not touched.
      </ConfirmModal>
      <ConfirmModal opened={asked === "archive"} onClose={close} title={`Archive ${name}?`} action="Archive flow" danger onConfirm={does(() => api.POST("/api/v1/flows/{slug}/archive", path), "Archived.")}>
        {inside} Whoever is in it goes no further, emails that are planned are cancelled, and it leaves the list of flows. Its numbers are kept.
      </ConfirmModal>
      {asked === "resume" && <Resume detail={detail} editing={editing} onClose={close} />}
    </>
  );
}
