// Which ways there are to add people to a flow: it depends on what starts it.
export type How = "people" | "segment" | "list" | "past";

/** Manual flows, and those that a list or segment starts, take people by hand; these and flows by an event also the past. */
export function ways(definition: { [key: string]: unknown } | null): How[] {
  const trigger = definition?.trigger;
  if (typeof trigger !== "object" || trigger === null) return [];
  if ("manual" in trigger) return ["people", "segment", "list"];
  if ("list" in trigger || "segment" in trigger) return ["people", "segment", "list", "past"];
  return "metric" in trigger ? ["past"] : [];
}
