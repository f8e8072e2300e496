// The editor at work on one email: its two halves, and saving without overwriting anybody.
import { Alert, Button, Group, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useCallback, useEffect, useState } from "react";

import { api, ApiError, query } from "@/api/client";
import { useAddress } from "@/app/address";
import { useDraft } from "@/app/drafts";
import { tellDone, tellRefused } from "@/app/notices";
import { useInBrand } from "@/app/places";
import { useBrand, useMay } from "@/app/session";
import { useTimes } from "@/ui/times";

import { type AsWhom, usePreview, type WholeTemplate } from "../email";
import { RenameModal } from "../RenameModal";
import { TestSendModal } from "../TestSendModal";
import { takesWhatIsSaved } from "../uses";
import { CodePane } from "./CodePane";
import { Conflict } from "./Conflict";
import classes from "./editor.module.css";
import { LeaveGuard } from "./LeaveGuard";
import { PreviewPane } from "./PreviewPane";
import { type Side, TopBar } from "./TopBar";
import { VersionsDrawer } from "./VersionsDrawer";
import { type Work, workOn } from "./work";

type Opened = "test" | "versions" | "rename" | "conflict" | null;

export function Desk({ template, onSaved }: { template: WholeTemplate; onSaved: (template: WholeTemplate) => void }) {
  const may = useMay("marketer");
  const { slug } = useBrand();
  const draft = useDraft<Work>(`template:${slug}:${template.id}`, workOn(template));
  const [{ as, event, show }, setAddress] = useAddress<{ as?: string; event?: string; show?: string }>();
  const whom = useWhom(template.id, as, event);
  const side: Side = show === "code" ? "code" : "preview";
  const [opened, setOpened] = useState<Opened>(null);
  const shown = usePreview(draft.value.content, whom, { name: template.name, transactional: draft.value.transactional });
  const { save, saveAs, busy } = useSaving(template, draft.value, (saved) => {
    draft.settle(workOn(saved));
    onSaved(saved);
  }, () => setOpened("conflict"));
  const trySave = useCallback(() => (draft.unsaved ? save(draft.value.based_on) : Promise.resolve(true)), [draft.unsaved, draft.value.based_on, save]);
  useSaveKey(may ? trySave : null);
  const close = () => setOpened(null);
  const problems = shown.data?.problems ?? [];
  const format = shown.data?.format ?? template.format;
  return (
    <div className={classes.desk}>
      <div>
        <TopBar template={template} format={format} unsaved={draft.unsaved} busy={busy} side={side} onSide={(one) => setAddress({ show: one })} onSave={() => void trySave()} onTest={() => setOpened("test")} onVersions={() => setOpened("versions")} onRename={() => setOpened("rename")} />
        {draft.found && <Found at={draft.found} onDrop={() => draft.settle(workOn(template))} />}
      </div>
      <div className={classes.halves} data-side={side}>
        <CodePane work={draft.value} onChange={draft.change} problems={problems} format={format} readOnly={!may} />
        <PreviewPane preview={shown.data?.preview} problems={problems} error={shown.error} busy={shown.isFetching} as={whom} onAs={(one) => setAddress({ as: one.profile_id ? String(one.profile_id) : NOBODY, event: one.event_id ?? undefined })} />
      </div>
      <TestSendModal templateId={template.id} email={draft.value} says={`What stands in the editor now goes out, saved or not${whom.profile_id ? ", with the data of the person in the preview" : ""}.`} as={whom} opened={opened === "test"} onClose={close} />
      <VersionsDrawer template={template} opened={opened === "versions"} onClose={close} unsaved={draft.unsaved} onRestored={(restored) => {
        draft.settle(workOn(restored));
        onSaved(restored);
        close();
        tellDone("That version is the current one again.");
      }} />
      <RenameModal template={opened === "rename" ? template : null} onClose={close} />
      <Conflict opened={opened === "conflict"} name={template.name} onClose={close} onSeeTheirs={() => setOpened("versions")} onOverwrite={async () => {
        if (await save(null)) close();
      }} onSaveAs={saveAs} />
      <LeaveGuard unsaved={draft.unsaved} onSave={may ? trySave : null} />
    </div>
  );
}

const NOBODY = "nobody";

/** Whoever is in the address; before anybody was chosen, somebody who did what the email's flow begins with. */
function useWhom(id: number, as: string | undefined, event: string | undefined): AsWhom {
  const { data: sample } = query.useQuery("get", "/api/v1/templates/{template_id}/sample", { params: { path: { template_id: id } } }, { enabled: as === undefined, staleTime: Infinity, retry: false });
  if (as === undefined) return { profile_id: sample?.profile_id ?? null, event_id: sample?.event_id ?? null };
  return { profile_id: as === NOBODY ? null : Number(as), event_id: event ?? null };
}

function useSaving(template: WholeTemplate, work: Work, onSaved: (saved: WholeTemplate) => void, onConflict: () => void) {
  const [busy, setBusy] = useState(false);
  const client = useQueryClient();
  const navigate = useNavigate();
  const inBrand = useInBrand();
  const renew = () => client.invalidateQueries({ queryKey: ["get", "/api/v1/templates"] });
  /** Whether it is saved. Without `basedOn` it replaces whatever is there. */
  const save = async (basedOn: number | null): Promise<boolean> => {
    setBusy(true);
    try {
      const body = { ...work.content, transactional: work.transactional, based_on: basedOn };
      const saved = await api.PUT("/api/v1/templates/{template_id}", { params: { path: { template_id: template.id } }, body });
      onSaved(saved.data!);
      tellDone(template.used_by.some(takesWhatIsSaved) ? "Saved. It goes out with the next email of what uses it." : "Saved.");
      void renew();
      void client.invalidateQueries({ queryKey: ["get", "/api/v1/templates/{template_id}/versions"] });
      return true;
    } catch (error) {
      if (error instanceof ApiError && error.status === 409) onConflict();
      else tellRefused(error);
      return false;
    } finally {
      setBusy(false);
    }
  };
  const saveAs = async (name: string) => {
    const made = await api.POST("/api/v1/templates", { body: { ...work.content, name, transactional: work.transactional } });
    void renew();
    onSaved(template);
    tellDone(`Saved as ${name}.`);
    await navigate({ to: inBrand(`/templates/${made.data!.id}`), ignoreBlocker: true });
  };
  return { save, saveAs, busy };
}

function useSaveKey(save: (() => Promise<boolean>) | null) {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "s") return;
      event.preventDefault();
      void save?.();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [save]);
}

function Found({ at, onDrop }: { at: string; onDrop: () => void }) {
  const times = useTimes();
  return (
    <Alert color="yellow" radius={0} py={6} px="md">
      <Group justify="space-between" gap="sm">
        <Text size="sm">This is what you left unsaved here on {times.moment(at)}. Save it, or go back to the saved version.</Text>
        <Button size="compact-sm" variant="default" onClick={onDrop}>Back to the saved version</Button>
      </Group>
    </Alert>
  );
}
