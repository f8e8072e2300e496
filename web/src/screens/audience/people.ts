// How people are called and what is said of their consent: the same words on every screen of the audience.
import type { components } from "@/api/schema";

export type Row = components["schemas"]["TableRow"];
export type Profile = components["schemas"]["ProfileOut"];

export interface Named {
  first_name?: string | null;
  last_name?: string | null;
  name?: string | null;
  email?: string | null;
  external_id?: string | null;
  phone?: string | null;
}

/** Their name; null: they have none. */
export function nameOf(one: Named): string | null {
  const full = [one.first_name, one.last_name].filter(Boolean).join(" ");
  return full || one.name || null;
}

/** What to call somebody: by name, address, phone number or id. */
export function called(one: Named): string {
  return nameOf(one) ?? one.email ?? one.phone ?? one.external_id ?? "Somebody without a name";
}

/** One or two letters for a round mark. */
export function initials(one: Named): string {
  const full = nameOf(one);
  const parts = full ? full.split(/\s+/).filter(Boolean) : [];
  const letters = parts.length > 1 ? [parts[0], parts[parts.length - 1]] : [parts[0] ?? one.email ?? one.external_id ?? "?"];
  return letters.map((part) => [...(part ?? "?")][0] ?? "?").join("").toUpperCase();
}

const COLORS = ["water", "blue", "violet", "orange", "green", "red", "yellow", "gray"];

/** Always the same colour for the same person. */
export function colorOf(id: number): string {
  return COLORS[id % COLORS.length]!;
}

export const REASONS: Record<string, string> = {
  hard_bounce: "The address does not exist",
  invalid_email: "The address is invalid",
  spam_complaint: "Marked an email as spam",
  unsubscribe: "Unsubscribed",
  user_suppressed: "Suppressed by hand",
};

const METHODS: Record<string, string> = {
  api: "Through the API",
  app: "By hand, in the app",
  import: "Imported from a file",
  list_import: "Imported with a list",
  form: "On a form",
  one_click_unsubscribe: "With the mail program's unsubscribe button",
  unsubscribe_page: "On the unsubscribe page",
  event: "Reported by the shop",
  merge: "Carried over when profiles were merged",
  double_opt_in: "Confirmed from an email",
  flow: "By a flow",
};

/** How consent or a membership came about. */
export function methodWords(method: string): string {
  return METHODS[method] ?? method.replaceAll("_", " ");
}
