// A property's value as people type it and as it is stored.
export type Kind = "text" | "number" | "boolean" | "other";

export function kindOf(value: unknown): Kind {
  if (typeof value === "string") return "text";
  if (typeof value === "number") return "number";
  return typeof value === "boolean" ? "boolean" : "other";
}

/** As it is shown. */
export function said(value: unknown): string {
  if (typeof value === "boolean") return value ? "Yes" : "No";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** What was typed as a value of this kind; undefined: it is none. */
export function read(text: string, kind: Kind): unknown {
  const trimmed = text.trim();
  if (kind === "number") return trimmed !== "" && Number.isFinite(Number(trimmed)) ? Number(trimmed) : undefined;
  if (kind === "boolean") return trimmed === "true" ? true : trimmed === "false" ? false : undefined;
  if (kind === "text") return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
