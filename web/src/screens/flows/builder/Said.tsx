// What a condition asks, in the server's words, on a card. Each is asked for once.
import { query } from "@/api/client";
import { unfinished } from "@/conditions";

import type { Question } from "./words";

export function useSaid(question: Question | null): string {
  const { condition = [], context = "flow" } = question ?? {};
  const empty = Array.isArray(condition) && condition.length === 0;
  const ready = question !== null && !empty && unfinished(condition, context).length === 0;
  const { data, isError } = query.useQuery("post", "/api/v1/segments/describe", { body: { definition: condition, context } }, { enabled: ready, staleTime: Infinity, retry: false });
  if (empty) return context === "event-filter" ? "Choose what to ask of the event" : "Everyone";
  if (!ready || isError) return "A condition that is not finished";
  return data ? data.description.charAt(0).toUpperCase() + data.description.slice(1) : "…";
}

/** Words that are known already, or those of a condition. */
export function Said({ words }: { words: string | Question }) {
  const said = useSaid(typeof words === "string" ? null : words);
  return <>{typeof words === "string" ? words : said}</>;
}
