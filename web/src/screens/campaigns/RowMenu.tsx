// What can be done with a campaign from its row: open, copy, make it a draft again, delete, cancel.
import { ActionIcon, Menu } from "@mantine/core";
import { IconArrowBackUp, IconBan, IconCopy, IconDots, IconTrash } from "@tabler/icons-react";
import { useState } from "react";

import { useMay } from "@/app/session";
import { ConfirmModal } from "@/ui/confirm";

import { useActs } from "./acts";
import { CancelQuestion } from "./CancelQuestion";
import { MOVING, type Row } from "./shapes";

export function RowMenu({ campaign }: { campaign: Row }) {
  const mayChange = useMay("marketer");
  const acts = useActs(campaign.id);
  const [asked, setAsked] = useState<"delete" | "cancel" | null>(null);
  if (!mayChange) return null;
  const close = () => setAsked(null);
  return (
    // Neither the menu nor its questions are a click on the row.
    <div role="presentation" onClick={(event) => event.stopPropagation()} onKeyDown={(event) => event.stopPropagation()}>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon aria-label={`What to do with ${campaign.name}`}><IconDots size={18} /></ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconCopy size={16} aria-hidden />} onClick={() => void acts.duplicate()}>Duplicate</Menu.Item>
          {campaign.status === "scheduled" && (
            <Menu.Item leftSection={<IconArrowBackUp size={16} aria-hidden />} onClick={() => void acts.unschedule()}>Make it a draft again</Menu.Item>
          )}
          {campaign.status === "draft" && (
            <Menu.Item color="red" leftSection={<IconTrash size={16} aria-hidden />} onClick={() => setAsked("delete")}>Delete draft</Menu.Item>
          )}
          {MOVING.includes(campaign.status) && (
            <Menu.Item color="red" leftSection={<IconBan size={16} aria-hidden />} onClick={() => setAsked("cancel")}>Cancel campaign</Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      <ConfirmModal opened={asked === "delete"} onClose={close} title="Delete this draft?" action="Delete draft" danger onConfirm={acts.remove}>
        “{campaign.name}” has never been sent. It is deleted for good; its email, lists and segments stay.
      </ConfirmModal>
      <CancelQuestion campaign={campaign} opened={asked === "cancel"} onClose={close} />
    </div>
  );
}
