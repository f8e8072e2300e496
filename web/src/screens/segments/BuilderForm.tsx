// The builder with its work in progress: name, conditions as a form or as JSON, saving.
import { Button, Card, Grid, Group, SegmentedControl, Stack, Text, TextInput } from "@mantine/core";
import { useDebouncedValue, useHotkeys } from "@mantine/hooks";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useMemo, useState } from "react";

import { api, ApiError } from "@/api/client";
import { useDraft } from "@/app/drafts";
import { tellDone, tellRefused } from "@/app/notices";
import { useInBrand } from "@/app/places";
import { useBrand, useMay } from "@/app/session";
import { ConditionEditor, type Problem, problemsOf, type Tree, unfinished } from "@/conditions";
import { PageHeader } from "@/ui/PageHeader";

import { DefinitionJson } from "./DefinitionJson";
import { ExamplesCard } from "./ExamplesCard";
import { FoundDraft } from "./FoundDraft";
import { refreshSegments } from "./refresh";
import { SizeCard } from "./SizeCard";
import { usePreview } from "./usePreview";
import { WordsCard } from "./WordsCard";

export interface Work {
  name: string;
  definition: Tree;
}

interface Props {
  /** undefined: a new segment. */
  id?: number;
  /** The ready-made segment it begins from. */
  base?: string;
  saved: Work;
}

export function BuilderForm({ id, base, saved }: Props) {
  const { slug } = useBrand();
  const inBrand = useInBrand();
  const may = useMay("marketer");
  const draft = useDraft<Work>(`segment:${slug}:${id ?? `new${base ? `:${base}` : ""}`}`, saved);
  const { name, definition } = draft.value;
  const [as, setAs] = useState<"form" | "json">("form");
  const open = useMemo(() => unfinished(definition, "segment"), [definition]);
  // What is still open is named once typing rests, so that a new row is not red at once.
  const [openAtRest] = useDebouncedValue(open, 1500);
  const preview = usePreview(definition, open.length > 0);
  const { save, busy, refused } = useSaving(id, draft.settle);
  const refusedDefinition = refused && refused.field !== "name" ? problemsOf(refused) : [];
  const problems: Problem[] = open.length > 0 ? openAtRest.filter((one) => open.some((still) => still.field === one.field)) : [...problemsOf(preview.error), ...refusedDefinition];
  const change = (next: Partial<Work>) => draft.change({ ...draft.value, ...next });
  const savable = may && name.trim() !== "" && open.length === 0 && !preview.error && (draft.unsaved || id === undefined);
  const whySave = !may ? "Your role in this brand may look, not change." : name.trim() === "" ? "Give it a name first." : open.length > 0 ? "Some conditions are not finished." : undefined;
  useHotkeys([["mod+S", () => savable && !busy && void save(draft.value)]], []);
  const back = inBrand(id === undefined ? "/segments" : `/segments/${id}`);

  return (
    <>
      <PageHeader
        title={id === undefined ? "New segment" : `Edit ${saved.name}`}
        description="Whoever meets the conditions is in it, as long as they do."
        trail={[{ label: "Segments", to: inBrand("/segments") }, ...(id === undefined ? [] : [{ label: saved.name, to: back }])]}
        actions={<Actions back={back} savable={savable} busy={busy} why={whySave} onSave={() => void save(draft.value)} />}
      />
      {draft.found && <FoundDraft at={draft.found} onDiscard={() => draft.settle(saved)} />}
      <Grid gap="lg" align="flex-start">
        <Grid.Col span={{ base: 12, lg: 8 }}>
          <Stack>
            <TextInput
              label="Name"
              placeholder="Repeat buyers, engaged"
              value={name}
              maxLength={200}
              onChange={(event) => change({ name: event.currentTarget.value })}
              error={refused?.field === "name" ? refused.detail : undefined}
              readOnly={!may}
              data-autofocus={id === undefined || undefined}
            />
            <Card component="section" aria-label="Conditions" p="md">
              <Group justify="space-between" mb="md">
                <Text component="h2" fw={650} fz="md">Conditions</Text>
                <SegmentedControl size="xs" aria-label="How the conditions are shown" data={[{ value: "form", label: "Form" }, { value: "json", label: "JSON" }]} value={as} onChange={(next) => setAs(next as "form" | "json")} />
              </Group>
              {as === "form" ? (
                <>
                  {isEveryone(definition) && <Text size="sm" c="dimmed" mb="sm">Without a condition it is everyone. Add the first:</Text>}
                  <ConditionEditor context="segment" value={definition} onChange={(next) => change({ definition: next })} problems={problems} readOnly={!may} />
                </>
              ) : (
                <DefinitionJson value={definition} onChange={(next) => change({ definition: next })} problems={problems} readOnly={!may} />
              )}
            </Card>
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, lg: 4 }}>
          <Stack>
            <SizeCard preview={preview} />
            <WordsCard definition={definition} />
            <ExamplesCard definition={definition} preview={preview} />
          </Stack>
        </Grid.Col>
      </Grid>
    </>
  );
}

function isEveryone(definition: Tree): boolean {
  const children = Array.isArray(definition) ? definition : definition.all;
  return Array.isArray(children) && children.length === 0;
}

function Actions({ back, savable, busy, why, onSave }: { back: string; savable: boolean; busy: boolean; why?: string; onSave: () => void }) {
  const navigate = useNavigate();
  return (
    <Group gap="sm">
      {why && <Text size="sm" c="dimmed" visibleFrom="sm">{why}</Text>}
      <Button variant="default" onClick={() => void navigate({ to: back })}>Close</Button>
      <Button onClick={onSave} disabled={!savable} loading={busy}>Save segment</Button>
    </Group>
  );
}

function useSaving(id: number | undefined, settle: (work: Work) => void) {
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<ApiError | null>(null);
  const client = useQueryClient();
  const navigate = useNavigate();
  const inBrand = useInBrand();
  const save = async (work: Work) => {
    setBusy(true);
    setRefused(null);
    try {
      const body = { ...work, name: work.name.trim() };
      const { data } = id === undefined ? await api.POST("/api/v1/segments", { body }) : await api.PATCH("/api/v1/segments/{segment_id}", { params: { path: { segment_id: id } }, body });
      settle(work);
      void refreshSegments(client);
      tellDone(id === undefined ? "The segment is saved and being built." : "The segment is saved. A new definition is built while the old membership stands.");
      void navigate({ to: inBrand(`/segments/${data!.id}`) });
    } catch (error) {
      if (error instanceof ApiError) setRefused(error);
      if (!(error instanceof ApiError && error.field === "name")) tellRefused(error);
    } finally {
      setBusy(false);
    }
  };
  return { save, busy, refused };
}
