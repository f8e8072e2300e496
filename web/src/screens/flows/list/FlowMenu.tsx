// What can be done with a flow from its row, each asked about with how many people it concerns.
import { ActionIcon, Menu } from "@mantine/core";
import { IconArchive, IconCopy, IconDots, IconPlayerPause, IconPlayerPlay, IconUsers } from "@tabler/icons-react";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";

import { tellRefused } from "@/app/notices";
import { useInBrand } from "@/app/places";
import { useMay } from "@/app/session";
import { ConfirmModal } from "@/ui/confirm";
import { people } from "@/ui/formats";

import type { FlowRow } from "../flow";
import { useFlowActs } from "./acts";
import { ResumeQuestion } from "./ResumeQuestion";

export function FlowMenu({ flow }: { flow: FlowRow }) {
  const inBrand = useInBrand();
  const navigate = useNavigate();
  const mayChange = useMay("marketer");
  const acts = useFlowActs(flow);
  const [asked, setAsked] = useState<"pause" | "resume" | "archive" | null>(null);
  const close = () => setAsked(null);
  const copy = () => acts.duplicate().then((slug) => navigate({ to: inBrand(`/flows/${slug}`) }), tellRefused);
  const archived = flow.status === "archived";
  return (
    // Neither the menu nor its questions are a click on the row.
    <div role="presentation" onClick={(event) => event.stopPropagation()} onKeyDown={(event) => event.stopPropagation()}>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon aria-label={`What to do with ${flow.name}`}><IconDots size={18} aria-hidden /></ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconUsers size={16} aria-hidden />} component={Link} to={inBrand(`/flows/${flow.slug}/people`)}>People inside</Menu.Item>
          {mayChange && <Menu.Item leftSection={<IconCopy size={16} aria-hidden />} onClick={() => void copy()}>Duplicate</Menu.Item>}
          {mayChange && flow.status === "live" && <Menu.Item leftSection={<IconPlayerPause size={16} aria-hidden />} onClick={() => setAsked("pause")}>Pause</Menu.Item>}
          {mayChange && flow.status === "paused" && <Menu.Item leftSection={<IconPlayerPlay size={16} aria-hidden />} onClick={() => setAsked("resume")}>Resume</Menu.Item>}
          {mayChange && !archived && <Menu.Item color="red" leftSection={<IconArchive size={16} aria-hidden />} onClick={() => setAsked("archive")}>Archive</Menu.Item>}
        </Menu.Dropdown>
      </Menu>
      <ConfirmModal opened={asked === "pause"} onClose={close} title={`Pause “${flow.name}”?`} action="Pause flow" onConfirm={acts.pause}>
        Nobody comes in, and nothing is sent. {flow.waiting > 0 ? `${people(flow.waiting)} inside ${flow.waiting === 1 ? "stays where they are" : "stay where they are"}. When you resume, you say what becomes of what came due meanwhile.` : "Nobody is inside at the moment."}
      </ConfirmModal>
      <ResumeQuestion flow={flow} opened={asked === "resume"} onClose={close} onResume={acts.resume} />
      <ConfirmModal opened={asked === "archive"} onClose={close} title={`Archive “${flow.name}”?`} action="Archive flow" danger onConfirm={acts.archive}>
        {flow.waiting > 0
          ? `${people(flow.waiting)} inside ${flow.waiting === 1 ? "leaves" : "leave"} the flow at once, and the emails planned for them are cancelled. This cannot be undone for them. `
          : "Nobody is inside, so nothing is cancelled. "}
        Its numbers and versions are kept, and publishing it again makes it live.
      </ConfirmModal>
    </div>
  );
}
