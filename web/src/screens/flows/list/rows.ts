// Which flows the list shows, and in what order. There are some dozens of them, so the browser does it.
import type { FlowRow } from "../flow";

export const STATUSES = ["live", "paused", "draft", "archived"] as const;

const OF: Record<string, (row: FlowRow) => number | string> = {
  name: (row) => row.name.toLowerCase(),
  waiting: (row) => row.waiting,
  entered: (row) => row.entered,
  sent: (row) => row.sent,
  opened: (row) => row.rates.opened ?? -1,
  clicked: (row) => row.rates.clicked ?? -1,
  unsubscribed: (row) => row.rates.unsubscribed ?? -1,
  revenue: (row) => row.revenue,
};

export interface Wanted {
  q: string;
  /** Empty: all but archived ones. */
  status: string;
  /** "name" or "-revenue". */
  sort: string;
}

export function shown(rows: readonly FlowRow[], { q, status, sort }: Wanted): FlowRow[] {
  const typed = q.trim().toLowerCase();
  const found = rows.filter((row) => (status ? row.status === status : row.status !== "archived") && (!typed || [row.name, row.slug, row.trigger].some((text) => text.toLowerCase().includes(typed))));
  const value = OF[sort.replace(/^-/, "")] ?? OF.name!;
  const turn = sort.startsWith("-") ? -1 : 1;
  return found.toSorted((one, other) => {
    const [a, b] = [value(one), value(other)];
    return a === b ? one.name.localeCompare(other.name) : a < b ? -turn : turn;
  });
}

/** A short name that no flow has yet: "welcome-series-2". */
export function freeSlug(wanted: string, taken: Iterable<string>): string {
  const known = new Set(taken);
  const base = slugOf(wanted) || "flow";
  if (!known.has(base)) return base;
  for (let number = 2; ; number += 1) if (!known.has(`${base}-${number}`)) return `${base}-${number}`;
}

/** A name as a short name: "Win back, 2nd try" is "win-back-2nd-try". */
export function slugOf(name: string): string {
  const plain = name.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
  return plain.replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 60).replace(/-+$/, "");
}
