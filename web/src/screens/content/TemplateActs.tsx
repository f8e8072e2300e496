// What can be done with an email from the list: copy, rename, put away, take out again.
import { ActionIcon, Anchor, List, Menu, Text } from "@mantine/core";
import { IconArchive, IconArchiveOff, IconCopy, IconDots, IconPencil } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";

import { api, ApiError } from "@/api/client";
import { tellDone, tellRefused } from "@/app/notices";
import { useInBrand } from "@/app/places";
import { useMay } from "@/app/session";
import { ConfirmModal } from "@/ui/confirm";
import { words } from "@/ui/formats";

import type { Template, Use } from "./email";
import { RenameModal } from "./RenameModal";
import { inWords, isGoing, isOver } from "./uses";

export function TemplateActs({ template, onBusy }: { template: Template; onBusy: (busy: boolean) => void }) {
  const [asking, setAsking] = useState(false);
  const [renaming, setRenaming] = useState(false);
  const client = useQueryClient();
  const navigate = useNavigate();
  const inBrand = useInBrand();
  const renew = () => client.invalidateQueries({ queryKey: ["get", "/api/v1/templates"] });
  const path = { params: { path: { template_id: template.id } } };
  const act = (what: () => Promise<void>) => async () => {
    onBusy(true);
    try {
      await what();
    } catch (error) {
      tellRefused(error);
    } finally {
      onBusy(false);
    }
  };
  const copy = act(async () => {
    const id = await duplicate(template);
    await renew();
    await navigate({ to: inBrand(`/templates/${id}`) });
  });
  const unarchive = act(async () => {
    await api.POST("/api/v1/templates/{template_id}/unarchive", path);
    await renew();
    tellDone(`${template.name} is in use again.`);
  });
  const archive = async () => {
    await api.DELETE("/api/v1/templates/{template_id}", path);
    await renew();
    tellDone(`${template.name} is put away. It stands under “Put away”.`);
  };
  if (!useMay("marketer")) return null;
  return (
    // The row leads to the email; its menu does not.
    <div onClick={(event) => event.stopPropagation()} onKeyDown={(event) => event.stopPropagation()} role="presentation">
      <Menu position="bottom-end" withinPortal>
        <Menu.Target><ActionIcon aria-label={`More about ${template.name}`}><IconDots size={18} /></ActionIcon></Menu.Target>
        <Menu.Dropdown>
          {template.archived_at ? (
            <Menu.Item leftSection={<IconArchiveOff size={16} aria-hidden />} onClick={unarchive}>Take into use again</Menu.Item>
          ) : (
            <>
              <Menu.Item leftSection={<IconCopy size={16} aria-hidden />} onClick={copy}>Duplicate</Menu.Item>
              <Menu.Item leftSection={<IconPencil size={16} aria-hidden />} onClick={() => setRenaming(true)}>Rename</Menu.Item>
              <Menu.Divider />
              <Menu.Item color="red" leftSection={<IconArchive size={16} aria-hidden />} onClick={() => setAsking(true)}>Put away</Menu.Item>
            </>
          )}
        </Menu.Dropdown>
      </Menu>
      {/* Only while they are open: a list would hold two closed dialogs for every row. */}
      {renaming && <RenameModal template={template} onClose={() => setRenaming(false)} />}
      {asking && <ConfirmModal opened onClose={() => setAsking(false)} title={`Put ${template.name} away?`} action="Put away" danger blocked={template.used_by.some(isGoing)} onConfirm={archive}>
        <WhatItMeans uses={template.used_by} />
      </ConfirmModal>}
    </div>
  );
}

function WhatItMeans({ uses }: { uses: Use[] }) {
  const inBrand = useInBrand();
  const going = uses.filter(isGoing);
  const open = uses.filter((one) => !isOver(one));
  if (open.length === 0) return <Text size="sm">Nothing sends it{uses.length > 0 ? " any more" : ""}. It leaves the list, its versions stay, and you can take it into use again.</Text>;
  return (
    <>
      <Text size="sm">{going.length > 0 ? `It is sent by ${inWords(going)}, so it has to be taken out there first:` : `It is part of ${inWords(open)} that nobody gets yet:`}</Text>
      <List size="sm" mt="xs">
        {(going.length > 0 ? going : open).map((one) => (
          <List.Item key={`${one.kind} ${one.slug ?? one.id}`}><Anchor component={Link} size="sm" underline="always" to={inBrand(one.kind === "flow" ? `/flows/${one.slug}` : `/campaigns/${one.id}`)}>{one.name}</Anchor> ({words(one.status).toLowerCase()})</List.Item>
        ))}
      </List>
    </>
  );
}

/** A copy under the first free name; its id. */
async function duplicate(template: Template): Promise<number> {
  const whole = (await api.GET("/api/v1/templates/{template_id}", { params: { path: { template_id: template.id } } })).data!;
  for (let number = 1; ; number += 1) {
    const name = `${template.name.slice(0, 180)} (copy${number > 1 ? ` ${number}` : ""})`;
    try {
      return (await api.POST("/api/v1/templates", { body: { ...whole.content, name, transactional: whole.transactional } })).data!.id;
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 409 || number > 50) throw error;
    }
  }
}
