// The head of a flow in a few words: who may enter again, whom it is for, and what ends it.
import { HEAD } from "./builder";
import type { Definition, ExitOn } from "./steps";
import { type Question, span } from "./words";

/** What the parts of the head are called. */
export const HEAD_LABELS: Record<string, string> = { [HEAD.trigger]: "Trigger", [HEAD.entry]: "Entry", [HEAD.filters]: "Filters", [HEAD.exits]: "Exits", [HEAD.settings]: "Settings" };

export interface Chip {
  part: string;
  words: string | Question;
}

/** The lines under the trigger. Who may enter is always said. */
export function headChips(flow: Definition): Chip[] {
  const chips: Chip[] = [{ part: HEAD.entry, words: entryWords(flow) }];
  if (flow.profile_filters !== undefined && flow.profile_filters !== null) chips.push({ part: HEAD.filters, words: { condition: flow.profile_filters, context: "flow" } });
  if (flow.exit_on?.length) chips.push({ part: HEAD.exits, words: exitWords(flow.exit_on) });
  return chips;
}

/** How often the same person may enter, unless the flow says. */
export function usualAgain({ trigger, entry }: Definition): "never" | "always" {
  return entry?.key || trigger.list !== undefined || trigger.segment !== undefined || trigger.manual ? "never" : "always";
}

function entryWords(flow: Definition): string {
  const { again = usualAgain(flow), key, holdout } = flow.entry ?? {};
  const often = again === "never" ? "Once" : again === "always" ? "Any number of times" : `Again after ${span(again.after) || "…"}`;
  return [`${often}${key ? ` for each ${key}` : again === "never" ? " for each person" : ""}`, holdout && `${holdout} % held out`].filter(Boolean).join(", ");
}

function exitWords(exits: ExitOn[]): string {
  const names = exits.map((one) => (typeof one === "string" ? one : "metric" in one ? one.metric || "…" : "a condition"));
  return `Leaves on ${names.join(", ")}`;
}
