// A series while it is planned: its days, as they are typed, and what is wrong with them. Pure.
import type { Part, Series } from "./shapes";

export interface Day {
  /** The campaign that it changes; null: a new one. */
  id: number | null;
  /** Tells rows apart while they have no id. */
  key: string;
  name: string;
  template_id: number | null;
  send_at: string;
  /** Leave out whoever got another email shortly before. */
  smart_sending: boolean;
}

export interface Plan {
  name: string;
  included: Part[];
  excluded: Part[];
  exclude_metric: string;
  days: Day[];
}

export const BUYS = "Placed Order";
const DAY = 86_400_000;

const NAMES = ["It begins", "Still on", "The last day"];

/** A sale of three days, from a first moment on. */
export function freshPlan(first: string): Plan {
  return {
    name: "",
    included: [],
    excluded: [],
    exclude_metric: BUYS,
    days: NAMES.map((name, place) => ({ id: null, key: `new-${place}`, name, template_id: null, send_at: new Date(new Date(first).getTime() + place * DAY).toISOString(), smart_sending: true })),
  };
}

/** What of a series can still be changed. */
export function planOf(series: Series): Plan {
  const days = series.campaigns
    .filter((one) => one.status === "draft")
    .map((one): Day => ({ id: one.id, key: String(one.id), name: one.name, template_id: one.template_id, send_at: one.send_at ?? one.created_at, smart_sending: one.smart_sending }));
  return { name: series.name, included: series.included, excluded: series.excluded, exclude_metric: series.exclude_metric, days };
}

/** One more day, a day after the last. */
export function withDay(plan: Plan, key: string): Plan {
  const last = plan.days.at(-1);
  const send_at = new Date((last ? new Date(last.send_at).getTime() : Date.now()) + DAY).toISOString();
  return { ...plan, days: [...plan.days, { id: null, key, name: `Day ${plan.days.length + 1}`, template_id: last?.template_id ?? null, send_at, smart_sending: true }] };
}

/** In the order of time, as they will be sent. */
export function inOrder(days: Day[]): Day[] {
  return days.toSorted((one, other) => one.send_at.localeCompare(other.send_at));
}

/** What keeps it from being saved, by where: "name", "days", or the key of a day. */
export function problems(plan: Plan): Record<string, string> {
  const found: Record<string, string> = {};
  if (!plan.name.trim()) found.name = "A series needs a name.";
  if (plan.days.length === 0) found.days = "A series needs at least one day.";
  for (const day of plan.days) if (!day.name.trim()) found[day.key] = "A day needs a name.";
  return found;
}

/** What else keeps it from being scheduled. */
export function missing(plan: Plan, now: string | undefined): string[] {
  const said: string[] = [];
  if (plan.included.length === 0) said.push("Choose who gets it.");
  const without = plan.days.filter((day) => day.template_id === null).length;
  if (without > 0) said.push(without === 1 ? "One day has no email yet." : `${without} days have no email yet.`);
  const past = now ? plan.days.filter((day) => day.send_at < now).length : 0;
  if (past > 0) said.push(past === 1 ? "The time of one day has passed." : `The times of ${past} days have passed.`);
  return said;
}
