// How a person is called in lists: by name, address, or whatever is known.
import type { components } from "@/api/schema";

type Named = Pick<components["schemas"]["ProfileOut"], "id" | "first_name" | "last_name" | "email" | "external_id" | "phone">;

/** The name, and the address where that is not the name already. */
export function nameOf(one: Named): { name: string; address: string | null } {
  const full = [one.first_name, one.last_name].filter(Boolean).join(" ");
  const known = one.email ?? one.phone ?? one.external_id;
  return full ? { name: full, address: known } : { name: known ?? `Profile ${one.id}`, address: null };
}
