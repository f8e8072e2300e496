// The numbers of the live flow, for the last 7, 30 or 90 days, or not shown.
import { query } from "@/api/client";

import type { FlowDetail, Numbers } from "./builder";

export type Span = "7" | "30" | "90" | "off";
export const SPANS: { value: Span; label: string }[] = [
  { value: "7", label: "Last 7 days" },
  { value: "30", label: "Last 30 days" },
  { value: "90", label: "Last 90 days" },
  { value: "off", label: "Numbers off" },
];

const DAY = 86_400_000;
const EVERY_MINUTE = { refetchInterval: 60_000, staleTime: 30_000 };

/** null: off, not there yet, or the flow was never live. */
export function useNumbers({ slug, version }: FlowDetail, span: Span): Numbers | null {
  const asked = version !== null && span !== "off";
  const path = { slug };
  // Without a beginning the server takes the last 30 days by its own clock, which also says what other spans begin with.
  const usual = query.useQuery("get", "/api/v1/flows/{slug}/numbers", { params: { path } }, { enabled: asked, ...EVERY_MINUTE });
  const now = usual.data?.until;
  const since = now === undefined ? undefined : new Date(new Date(now).getTime() - Number(span) * DAY).toISOString();
  const other = query.useQuery("get", "/api/v1/flows/{slug}/numbers", { params: { path, query: { since } } }, { enabled: asked && span !== "30" && since !== undefined, ...EVERY_MINUTE });
  if (!asked) return null;
  return (span === "30" ? usual.data : other.data) ?? null;
}
