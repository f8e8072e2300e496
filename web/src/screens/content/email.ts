// An email as the app holds it, and the look of one that is not saved, asked of the API when typing pauses.
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";

import { api } from "@/api/client";
import type { components } from "@/api/schema";
import { useBrand } from "@/app/session";

export type Content = components["schemas"]["EmailContent"];
export type Template = components["schemas"]["TemplateOut"];
export type WholeTemplate = components["schemas"]["TemplateContent"];
export type Problem = components["schemas"]["EmailProblem"];
export type Preview = components["schemas"]["EmailPreview"];
export type EventChoice = components["schemas"]["EventChoice"];
export type Use = components["schemas"]["EmailUse"];
export type Format = Template["format"];

/** For whom, and about which event of theirs, an email is shown. */
export interface AsWhom {
  profile_id?: number | null;
  event_id?: string | null;
}

const PAUSE = 350;

/** How an email would look, and what is wrong with it. */
export function usePreview(content: Content | undefined, as: AsWhom, options: { name?: string; transactional?: boolean } = {}) {
  const { slug } = useBrand();
  const { name = "", transactional = false } = options;
  const [asked] = useDebouncedValue(content, PAUSE);
  const body = asked && { content: asked, name, transactional, profile_id: as.profile_id ?? null, event_id: as.event_id ?? null };
  return useQuery({
    queryKey: ["email-preview", slug, body],
    enabled: body !== undefined,
    placeholderData: keepPreviousData,
    staleTime: 60_000,
    gcTime: 60_000,
    retry: false,
    queryFn: async ({ signal }) => (await api.POST("/api/v1/templates/preview", { body: body!, signal })).data!,
  });
}

/** Gmail shows no more than this of an email's page. */
export const CLIPPED = 102_400;
export const NEARLY_CLIPPED = 90_000;

export const FORMATS: Record<Format, string> = { mjml: "MJML", html: "HTML" };
