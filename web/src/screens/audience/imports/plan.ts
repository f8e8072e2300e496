// How a file is to be taken in, as the wizard holds it, and what stands against it before the server is asked.
import type { components } from "@/api/schema";

export type Import = components["schemas"]["ImportOut"];
export type Column = components["schemas"]["ColumnIs"];
export type PlanBody = components["schemas"]["ImportPlan"];

export interface Plan {
  mapping: Column[];
  list: string | null;
  startsFlows: boolean;
  consented: boolean;
  source: string;
  /** A day, as the browser writes it: 2026-03-31. */
  day: string;
  existing: "update" | "skip";
}

export const TARGETS = [
  { group: "Who they are", items: [
    { value: "email", label: "Email address" },
    { value: "external_id", label: "External id" },
    { value: "phone", label: "Phone number" },
  ] },
  { group: "Facts", items: [
    { value: "first_name", label: "First name" },
    { value: "last_name", label: "Last name" },
    { value: "city", label: "City" },
    { value: "region", label: "Region" },
    { value: "country", label: "Country" },
    { value: "timezone", label: "Time zone" },
    { value: "locale", label: "Language" },
  ] },
  { group: "Otherwise", items: [
    { value: "property", label: "A property" },
    { value: "skip", label: "Leave out" },
  ] },
];

export function planOf(found: Import, list?: string): Plan {
  return {
    mapping: found.mapping,
    list: found.list_id ? String(found.list_id) : (list ?? null),
    startsFlows: found.starts_flows,
    consented: found.consent !== null,
    source: found.consent?.source ?? "",
    day: found.consent?.at.slice(0, 10) ?? "",
    existing: found.existing,
  };
}

/** Noon of that day, so that it is the same day in nearly every zone; never later than `now`. */
export function consentedAt(day: string, now: string): string {
  const noon = new Date(`${day}T12:00:00Z`);
  return (noon > new Date(now) && day === now.slice(0, 10) ? new Date(now) : noon).toISOString();
}

export function bodyOf(plan: Plan, now: string): PlanBody {
  return {
    mapping: plan.mapping,
    list_id: plan.list ? Number(plan.list) : null,
    starts_flows: plan.list !== null && plan.startsFlows,
    consent: plan.consented ? { source: plan.source.trim(), at: consentedAt(plan.day, now) } : null,
    existing: plan.existing,
  };
}

/** What the proof of consent lacks, by its field. */
export function lacking(plan: Plan, now: string): { source?: string; day?: string } {
  if (!plan.consented) return {};
  return {
    ...(plan.source.trim() ? {} : { source: "Say how they consented: it is kept as the proof." }),
    ...(plan.day === "" ? { day: "Say on which day." } : plan.day > now.slice(0, 10) ? { day: "This day is still to come." } : {}),
  };
}

/** What stands against the columns, by column; and in general. */
export function troubles(plan: Plan, columns: string[]): { columns: Record<number, string>; general: string | null } {
  const found: Record<number, string> = {};
  const seen = new Map<string, string>();
  plan.mapping.forEach((column, index) => {
    if (column.to === "skip") return;
    if (column.to === "property" && !column.name?.trim()) found[index] = "Give the property a name.";
    const target = column.to === "property" ? `property ${column.name?.trim()}` : column.to;
    const before = seen.get(target);
    if (before !== undefined) found[index] = `“${before}” becomes the same.`;
    seen.set(target, columns[index] ?? "");
  });
  const known = plan.mapping.some((column) => ["email", "external_id", "phone"].includes(column.to));
  return { columns: found, general: known ? null : "Say which column holds the email address, the external id or the phone number." };
}
