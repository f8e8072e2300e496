// A draft that saves itself: what is typed stands in this browser at once and on the server half a second later.
import { useDebouncedCallback } from "@mantine/hooks";
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";

import { api, ApiError } from "@/api/client";
import { useDraft } from "@/app/drafts";
import { useBrand } from "@/app/session";

import type { Campaign } from "./shapes";

export type Fields = Pick<Campaign, "name" | "template_id" | "included" | "excluded" | "audience_at" | "smart_sending" | "send_at">;

export type Saving = "saved" | "waiting" | "saving" | "refused";

export interface CampaignDraft {
  fields: Fields;
  change: (part: Partial<Fields>) => void;
  saving: Saving;
  /** Why it is not saved; `field` says which part. */
  refused: ApiError | null;
  /** Saves now what is not saved yet. False: it was refused. */
  flush: () => Promise<boolean>;
}

export function fieldsOf({ name, template_id, included, excluded, audience_at, smart_sending, send_at }: Campaign): Fields {
  return { name, template_id, included, excluded, audience_at, smart_sending, send_at };
}

const PAUSE = 500;

export function useCampaignDraft(campaign: Campaign): CampaignDraft {
  const client = useQueryClient();
  const { slug } = useBrand();
  const { value, change: keep, settle, unsaved } = useDraft<Fields>(`campaign:${slug}:${campaign.id}`, fieldsOf(campaign));
  const [saving, setSaving] = useState<Saving>(unsaved ? "waiting" : "saved");
  const [refused, setRefused] = useState<ApiError | null>(null);
  const latest = useRef(value);
  const dirty = useRef(unsaved);
  const queue = useRef<Promise<boolean>>(Promise.resolve(true));

  const save = useCallback(async (): Promise<boolean> => {
    if (!dirty.current) return true;
    const sent = latest.current;
    setSaving("saving");
    try {
      const { data } = await api.PATCH("/api/v1/campaigns/{campaign_id}", { params: { path: { campaign_id: campaign.id } }, body: sent });
      if (data) client.setQueryData(["get", "/api/v1/campaigns/{campaign_id}", { params: { path: { campaign_id: campaign.id } } }], data);
      setRefused(null);
      // What was typed meanwhile is saved by its own turn.
      if (latest.current === sent) {
        dirty.current = false;
        settle(sent);
        setSaving("saved");
      }
      return true;
    } catch (error) {
      setRefused(error instanceof ApiError ? error : new ApiError(0, "", "It could not be saved", "Try again. What you typed is kept in this browser."));
      setSaving("refused");
      return false;
    }
  }, [campaign.id, client, settle]);

  /** One save after the other, so that the last one typed is the last one stored. */
  const flush = useCallback(() => {
    queue.current = queue.current.then(save);
    return queue.current;
  }, [save]);
  const later = useDebouncedCallback(flush, PAUSE);

  const change = useCallback(
    (part: Partial<Fields>) => {
      latest.current = { ...latest.current, ...part };
      dirty.current = true;
      keep(latest.current);
      setSaving("waiting");
      later();
    },
    [keep, later],
  );
  // What was left here by a page that closed too early.
  useEffect(() => {
    if (dirty.current) void flush();
  }, [flush]);
  return { fields: value, change, saving, refused, flush };
}
