// A flow's row and its emails and steps as the screens around the builder name them.
import type { components } from "@/api/schema";

import { emailsOf, everyStep } from "./builder/branches";
import { read } from "./builder/document";
import type { Definition, Email } from "./builder/steps";
import { stepWords } from "./builder/words";

export type FlowRow = components["schemas"]["FlowRow"];
export type FlowDetail = components["schemas"]["FlowDetail"];

/** What can be read of a flow: what runs, or else what is being written. */
export function definitionOf(flow: Pick<FlowDetail, "definition" | "draft">): Definition | null {
  const tree = flow.definition ?? flow.draft;
  return tree && Array.isArray(tree.steps) ? read(tree) : null;
}

/** The emails of a flow from top to bottom, those of tests too. */
export function mailsOf(definition: Definition | null): Email[] {
  return definition ? [...everyStep(definition.steps)].flatMap(emailsOf) : [];
}

/** What a step is called in lists, by its id: an email's name, "Wait 2 hours". */
export function namesOf(definition: Definition | null): Map<string, string> {
  const names = new Map<string, string>();
  for (const step of definition ? everyStep(definition.steps) : []) {
    const { title } = stepWords(step);
    names.set(step.id, typeof title === "string" ? title : "Split");
    for (const email of emailsOf(step)) names.set(email.id, email.name || email.email);
  }
  return names;
}

/** "someone does: Placed Order" as a sentence's beginning. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The server's words without the files that emails come from: those are for who works with files. */
export const withoutFiles = (words: string): string => words.replaceAll(/ \([\w./-]+\.mjml\)/g, "");
