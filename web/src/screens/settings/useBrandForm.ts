// A part of the brand's settings as a form: what is stored, what was typed over it, and saving it. Work that is not
// saved survives a reload.
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api, ApiError, query } from "@/api/client";
import type { components } from "@/api/schema";
import { useDraft } from "@/app/drafts";
import { tellDone } from "@/app/notices";
import { useBrand, useMay } from "@/app/session";

export type BrandOut = components["schemas"]["BrandOut"];
type BrandChange = components["schemas"]["BrandChange"];
export type Setting = keyof BrandOut & keyof BrandChange;

export function useStoredBrand() {
  return query.useQuery("get", "/api/v1/brand");
}

export interface BrandForm<Name extends Setting> {
  value: Pick<BrandOut, Name>;
  set: <One extends Name>(name: One, value: BrandOut[One]) => void;
  unsaved: boolean;
  busy: boolean;
  /** The person may not change it. */
  locked: boolean;
  error: (name: Name) => string | undefined;
  /** A refusal that belongs to none of the fields. */
  refused: string | null;
  save: () => Promise<void>;
  reset: () => void;
}

/** `part` names the form where its unsaved work is kept. */
export function useBrandForm<Name extends Setting>(part: string, stored: BrandOut, names: readonly Name[]): BrandForm<Name> {
  const { slug } = useBrand();
  const locked = !useMay("admin");
  const client = useQueryClient();
  const pick = (from: BrandOut) => Object.fromEntries(names.map((name) => [name, from[name]])) as Pick<BrandOut, Name>;
  const draft = useDraft(`settings-${part}:${slug}`, pick(stored));
  const [busy, setBusy] = useState(false);
  const [said, setSaid] = useState<ApiError | null>(null);
  // What others changed meanwhile shows where nothing was typed.
  const value = draft.unsaved ? draft.value : pick(stored);
  const field = said?.field?.replace(/^body\./, "").split(".")[0] as Name | undefined;

  const save = async () => {
    setBusy(true);
    setSaid(null);
    try {
      const { data } = await api.PATCH("/api/v1/brand", { body: value as BrandChange });
      if (data) client.setQueryData(["get", "/api/v1/brand"], data);
      await Promise.all([client.invalidateQueries({ queryKey: ["get", "/api/v1/brand"] }), client.invalidateQueries({ queryKey: ["get", "/api/v1/me"] }), client.invalidateQueries({ queryKey: ["get", "/api/v1/overview"] })]);
      draft.settle(data ? pick(data) : value);
      tellDone("Saved.");
    } catch (error) {
      setSaid(error instanceof ApiError ? error : new ApiError(0, "", "Not saved", "It did not work. What you typed is still here."));
    } finally {
      setBusy(false);
    }
  };
  return {
    value,
    set: (name, next) => draft.change({ ...value, [name]: next }),
    unsaved: draft.unsaved,
    busy,
    locked,
    error: (name) => (said && field === name ? said.detail : undefined),
    refused: said && !(field && names.includes(field)) ? said.detail : null,
    save,
    reset: () => {
      setSaid(null);
      draft.settle(pick(stored));
    },
  };
}
