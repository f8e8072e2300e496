// What a date among a profile's properties must be: rolling, fixed, its anniversary, or its month.
import type { Node, Span } from "./language";
import { hasOnly, isAmount, isNode, isPair, isSpan, isText } from "./shapes";

export type DateForm =
  | "in_last" | "in_next" | "at_least_ago" | "between_ago" | "since" | "before" | "between"
  | "anniversary_today" | "anniversary_in_next" | "anniversary_in_last" | "month" | "this_month";

export const DATE_WORDS: Record<DateForm, string> = {
  in_last: "is in the last",
  in_next: "is in the next",
  at_least_ago: "was longer ago than",
  between_ago: "is between … and … ago",
  since: "is on or after",
  before: "is before",
  between: "is between",
  anniversary_today: "has its anniversary today",
  anniversary_in_next: "has its anniversary in the next",
  anniversary_in_last: "had its anniversary in the last",
  month: "is in the month of",
  this_month: "has its anniversary this month",
};

export const MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

/** Which form it is; null: none that is known. */
export function dateForm(date: unknown): DateForm | null {
  if (!isNode(date) || Object.keys(date).length !== 1) return null;
  const [form, value] = Object.entries(date)[0]!;
  if (["in_last", "in_next", "at_least_ago"].includes(form)) return isSpan(value) ? (form as DateForm) : null;
  if (form === "between_ago") return isPair(value, isSpan) ? form : null;
  if (form === "since" || form === "before") return isText(value) ? form : null;
  if (form === "between") return isPair(value, isText) ? form : null;
  if (form === "month") return value === "this" ? "this_month" : isAmount(value) ? form : null;
  return form === "anniversary" ? anniversary(value) : null;
}

function anniversary(value: unknown): DateForm | null {
  if (value === "today") return "anniversary_today";
  if (!isNode(value) || Object.keys(value).length !== 1) return null;
  const [direction, days] = Object.entries(value)[0]!;
  if (!isNode(days) || !hasOnly(days, ["days"]) || !isAmount(days.days)) return null;
  return direction === "in_next" || direction === "in_last" ? `anniversary_${direction}` : null;
}

/** Another form; a span or a day that fits is taken over. */
export function withDateForm(date: Node, form: DateForm): Node {
  const value = Object.values(date)[0];
  const span: Span = isSpan(value) ? value : { days: 30 };
  const day = isText(value) && value !== "this" ? value : isPair(value, isText) ? value[0] : "";
  const made: Record<DateForm, Node> = {
    in_last: { in_last: span },
    in_next: { in_next: span },
    at_least_ago: { at_least_ago: span },
    between_ago: { between_ago: [span, { days: 60 }] },
    since: { since: day },
    before: { before: day },
    between: { between: [day, ""] },
    anniversary_today: { anniversary: "today" },
    anniversary_in_next: { anniversary: { in_next: { days: 7 } } },
    anniversary_in_last: { anniversary: { in_last: { days: 7 } } },
    month: { month: 1 },
    this_month: { month: "this" },
  };
  return made[form];
}
