// What may stand where the cursor is: names to show after {{, filters after |, tags after {%.
import { autocompletion, type Completion, type CompletionContext, type CompletionResult, snippetCompletion } from "@codemirror/autocomplete";
import { htmlLanguage } from "@codemirror/lang-html";
import type { Extension } from "@codemirror/state";

import type { components } from "@/api/schema";

export type Variables = components["schemas"]["VariablesOut"];

const BEFORE = 400;

export type Place = { kind: "name" | "filter" | "tag"; typed: string } | null;

/** Where in Liquid the text ends, and what of the word there is typed. Pure. */
export function placeOf(before: string): Place {
  const opened = Math.max(before.lastIndexOf("{{"), before.lastIndexOf("{%"));
  if (opened < 0) return null;
  const inside = before.slice(opened + 2);
  if (/\}\}|%\}/.test(inside)) return null;
  const isTag = before.startsWith("{%", opened);
  const filter = /\|\s*(\w*)$/.exec(inside);
  if (filter) return { kind: "filter", typed: filter[1]! };
  const name = isTag ? /^-?\s*(\w*)$/.exec(inside) : null;
  if (name) return { kind: "tag", typed: name[1]! };
  if (/['"][^'"]*$/.test(inside.replaceAll(/(['"]).*?\1/g, "")) && !/\['?[^\]]*$/.test(inside)) return null;
  const word = /([\w.]*)$/.exec(inside);
  return { kind: "name", typed: word?.[1] ?? "" };
}

/** Completion that asks for what is known at the moment. */
export function completion(known: () => Variables | undefined): Extension {
  const source = (context: CompletionContext): CompletionResult | null => {
    const before = context.state.sliceDoc(Math.max(0, context.pos - BEFORE), context.pos);
    const place = placeOf(before);
    const variables = known();
    if (!place || !variables || (!place.typed && place.kind === "name" && !context.explicit && !/\{\{\s*$|\{%.*\s$/.test(before))) return null;
    return { from: context.pos - place.typed.length, options: optionsFor(place.kind, variables, context), validFor: /^[\w.]*$/ };
  };
  return [autocompletion({ icons: false }), htmlLanguage.data.of({ autocomplete: source })];
}

function optionsFor(kind: "name" | "filter" | "tag", known: Variables, context: CompletionContext): Completion[] {
  if (kind === "filter") {
    return known.filters.map((one) => ({ label: one.name, apply: one.use, detail: one.use === one.name ? undefined : one.use, info: one.words }));
  }
  if (kind === "tag") {
    const closed = context.state.sliceDoc(context.pos, context.pos + 3).trimStart().startsWith("%}");
    return known.tags.map((one) => ({ ...snippetCompletion(inside(one.use, closed), { label: one.name }), detail: one.words }));
  }
  const seen = new Set<string>();
  return known.variables
    .filter((one) => !seen.has(one.path) && seen.add(one.path))
    .map((one) => ({ label: one.path, detail: one.metric ?? undefined, info: one.words || undefined, boost: one.group === "event" ? -1 : 0 }));
}

/** "{% if x %}…{% endif %}" as what follows an opened "{%". */
function inside(use: string, closed: boolean): string {
  const rest = use.replace(/^\{%\s*/, "").replaceAll("…", "${}");
  return closed ? rest.replace(/\s*%\}$/, "") : rest;
}
