// When something happened: one window of a condition, or none, which is all time.
import { type Context, type Node, type Span, WINDOWS, type Windowed } from "./language";

export type WindowKind = "always" | "in_last" | "at_least_ago" | "between_ago" | "since" | "before" | "between" | "flow-start";

export const WINDOW_WORDS: Record<WindowKind, string> = {
  always: "over all time",
  in_last: "in the last",
  "flow-start": "since starting this flow",
  since: "since",
  before: "before",
  between: "between dates",
  at_least_ago: "longer ago than",
  between_ago: "between … and … ago",
};

export function windowKinds(context: Context): WindowKind[] {
  const kinds = Object.keys(WINDOW_WORDS) as WindowKind[];
  return context === "flow" ? kinds : kinds.filter((kind) => kind !== "flow-start");
}

export function windowKind(node: Windowed): WindowKind {
  if (node.since === "flow-start") return "flow-start";
  return WINDOWS.find((name) => name in node) ?? "always";
}

/** The condition with another kind of window; spans and instants that fit are taken over. */
export function withWindowKind<Holder extends Windowed>(node: Holder, kind: WindowKind): Holder {
  const span: Span = node.in_last ?? node.at_least_ago ?? node.between_ago?.[0] ?? { days: 30 };
  const instant = (node.since !== "flow-start" && node.since) || node.before || node.between?.[0] || "";
  const made: Record<WindowKind, Windowed> = {
    always: {},
    in_last: { in_last: span },
    at_least_ago: { at_least_ago: span },
    between_ago: { between_ago: [span, doubled(span)] },
    since: { since: instant },
    before: { before: instant },
    between: { between: [instant, node.between?.[1] ?? ""] },
    "flow-start": { since: "flow-start" },
  };
  return withWindow(node, made[kind]);
}

export function withWindow<Holder extends Windowed>(node: Holder, window: Windowed): Holder {
  const kept = Object.fromEntries(Object.entries(node).filter(([key]) => !(WINDOWS as readonly string[]).includes(key)));
  return { ...(kept as Node), ...window } as Holder;
}

function doubled(span: Span): Span {
  return Object.fromEntries(Object.entries(span).map(([unit, amount]) => [unit, (amount ?? 0) * 2]));
}
