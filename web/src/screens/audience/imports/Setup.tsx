// The steps between the upload and the start: columns, list and consent, review. Each is saved as one goes on.
import { Alert, Button, Group, Stack } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useState } from "react";

import { api, ApiError } from "@/api/client";
import { useAddress } from "@/app/address";
import { useDraft } from "@/app/drafts";
import { useInBrand } from "@/app/places";
import { useBrand, useMay } from "@/app/session";
import { ConfirmModal } from "@/ui/confirm";
import { people } from "@/ui/formats";

import { Mapping } from "./Mapping";
import { bodyOf, lacking, type Plan, planOf, troubles } from "./plan";
import { Review } from "./Review";
import { Target } from "./Target";
import type { Uploaded } from "./upload";

export const STEPS = ["columns", "target", "review"] as const;

export function Setup({ found }: { found: Uploaded }) {
  const [{ step = "columns", list }, setAddress] = useAddress();
  const brand = useBrand();
  const draft = useDraft<Plan>(`import:${brand.slug}:${found.id}`, planOf(found, list));
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<ApiError | null>(null);
  const [asking, setAsking] = useState(false);
  const [tried, setTried] = useState(false);
  const client = useQueryClient();
  const navigate = useNavigate();
  const inBrand = useInBrand();
  const mayChange = useMay("marketer");
  const plan = draft.value;
  const place = Math.max(0, STEPS.indexOf(step as (typeof STEPS)[number]));
  const wrong = troubles(plan, found.columns);
  const blocked = place === 0 && (wrong.general !== null || Object.keys(wrong.columns).length > 0);
  const unproved = lacking(plan, found.created_at);
  const path = { params: { path: { import_id: found.id } } };
  const go = async (work: () => Promise<void>) => {
    setBusy(true);
    setRefused(null);
    try {
      await work();
    } catch (error) {
      setRefused(error instanceof ApiError ? error : new ApiError(0, "", "It did not work", "Nothing was changed."));
    } finally {
      setBusy(false);
    }
  };
  const save = () => api.PUT("/api/v1/imports/{import_id}", { ...path, body: bodyOf(plan, found.created_at) });
  const forward = () => go(async () => {
    if (place === 0) return setAddress({ step: "target" }, { push: true });
    setTried(true);
    if (Object.keys(unproved).length > 0) return place === 1 ? undefined : setAddress({ step: "target" });
    await save();
    if (place === 1) return setAddress({ step: "review" }, { push: true });
    await api.POST("/api/v1/imports/{import_id}/start", path);
    draft.settle(plan);
    await client.invalidateQueries({ queryKey: ["get", "/api/v1/imports"] });
    await client.invalidateQueries({ queryKey: ["get", "/api/v1/imports/{import_id}"] });
  });
  const discard = async () => {
    await api.POST("/api/v1/imports/{import_id}/cancel", path);
    draft.settle(plan);
    void navigate({ to: inBrand("/imports") });
    await client.invalidateQueries({ queryKey: ["get", "/api/v1/imports"] });
  };
  return (
    <Stack maw={place === 1 ? 760 : undefined}>
      {place === 0 && <Mapping found={found} plan={plan} troubles={wrong} onChange={draft.change} />}
      {place === 1 && <Target plan={plan} wrong={tried ? unproved : {}} onChange={draft.change} />}
      {place === 2 && <Review found={found} plan={plan} />}
      {refused && <Alert color="red" icon={<IconAlertTriangle />} title={refused.title} role="alert">{refused.detail}</Alert>}
      {mayChange && (
        <Group justify="space-between">
          <Button variant="subtle" color="gray" onClick={() => setAsking(true)}>Discard this file</Button>
          <Group>
            {place > 0 && <Button variant="default" onClick={() => setAddress({ step: STEPS[place - 1] })}>Back</Button>}
            <Button onClick={forward} loading={busy} disabled={blocked}>{place === 2 ? `Import ${people(found.total)}` : "Continue"}</Button>
          </Group>
        </Group>
      )}
      <ConfirmModal opened={asking} onClose={() => setAsking(false)} onConfirm={discard} title="Discard this file" action="Discard">
        The uploaded file and what you said of its columns are removed. Nobody was imported.
      </ConfirmModal>
    </Stack>
  );
}
