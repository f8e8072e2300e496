// What sends an email, in words, and which of it is over. Pure.
import { counted } from "@/ui/formats";

import type { Use } from "./email";

const OVER = new Set(["sent", "cancelled", "no_recipients"]);
/** Flows and campaigns of which the next email may come at any moment. */
const GOING = new Set(["live", "paused", "scheduled", "adding_recipients", "sending"]);

export const isOver = (use: Use): boolean => use.kind === "campaign" && OVER.has(use.status);
export const isGoing = (use: Use): boolean => GOING.has(use.status);

/** A flow takes what is saved with its next email; a campaign keeps what it was scheduled with, so only a draft does. */
export const takesWhatIsSaved = (use: Use): boolean => (use.kind === "flow" ? true : use.status === "draft");

/** "2 flows, 1 campaign" */
export function inWords(uses: Use[]): string {
  const flows = uses.filter((one) => one.kind === "flow").length;
  const campaigns = uses.length - flows;
  return [flows && counted(flows, "flow"), campaigns && counted(campaigns, "campaign")].filter(Boolean).join(", ");
}
