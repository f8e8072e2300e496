// What is being worked on: an email's content, and the version that the work began with. Its draft stays in the browser.
import type { Content, WholeTemplate } from "../email";

export interface Work {
  content: Content;
  /** The version that was open when the work began. */
  based_on: number | null;
  transactional: boolean;
}

export function workOn(template: WholeTemplate): Work {
  const { subject, preview_text, mjml, text, data } = template.content;
  return { content: { subject, preview_text: preview_text ?? "", mjml, text: text ?? null, data: data ?? {} }, based_on: template.current_version, transactional: template.transactional };
}

/** How long a subject or preview text is and whether inboxes show all of it; Liquid counts as a short word. */
export function length(text: string, most: number): { shown: number; long: boolean } {
  const shown = [...text.replaceAll(/\{\{.*?\}\}/g, "xxxxxx").replaceAll(/\{%.*?%\}/g, "")].length;
  return { shown, long: shown > most };
}

export const SUBJECT_SHOWN = 60;
export const PREVIEW_SHOWN = 110;
