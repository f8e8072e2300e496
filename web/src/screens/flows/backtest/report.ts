// What a backtest says, as the stream of the API has it, and what the screen makes of it. Pure.

export interface StepReport {
  sent: number;
  sent_by_day: Record<string, number>;
  skipped: Record<string, number>;
  done: number;
  left: Record<string, number>;
  waiting: number;
}

export interface Report {
  flow: string;
  start: string;
  end: string;
  people: number;
  without_address: number;
  triggers: number;
  entries: number;
  people_entered: number;
  entries_by_day: Record<string, number>;
  refused: Record<string, number>;
  steps: Record<string, StepReport>;
  sent: number;
  skipped: Record<string, number>;
  completed: number;
  left: Record<string, number>;
  waiting: number;
  capped: Record<string, number>;
  other_flows: Record<string, number>;
  campaign_mail: number;
  stake: { runs_without_order: number; value_without_order: number; runs_with_order: number; orders: number; order_value: number };
  events: number;
  seconds: number;
}

export interface Progress {
  done: number;
  people: number;
  events: number;
  entries: number;
  sent: number;
}

export type Line = { progress: Progress } | { reports: Report[] };

/** The whole lines in what has come, and the beginning of the next. */
export function linesOf(text: string): { lines: Line[]; rest: string } {
  const parts = text.split("\n");
  const rest = parts.pop() ?? "";
  return { lines: parts.filter(Boolean).map((one) => JSON.parse(one) as Line), rest };
}

export function sum(counts: Record<string, number>): number {
  return Object.values(counts).reduce((total, one) => total + one, 0);
}

/** The days of the span on which anything happened, with what each step sent; empty days between are there too. */
export function daysOf(report: Report): { day: string; entries: number; sent: Record<string, number> }[] {
  const seen = [...Object.keys(report.entries_by_day), ...Object.values(report.steps).flatMap((step) => Object.keys(step.sent_by_day))].toSorted();
  const [first, last] = [seen[0], seen.at(-1)];
  if (!first || !last) return [];
  const days: string[] = [];
  for (let at = new Date(`${first}T00:00:00Z`); at.toISOString().slice(0, 10) <= last; at.setUTCDate(at.getUTCDate() + 1)) days.push(at.toISOString().slice(0, 10));
  return days.map((day) => ({
    day,
    entries: report.entries_by_day[day] ?? 0,
    sent: Object.fromEntries(Object.entries(report.steps).filter(([, step]) => step.sent > 0).map(([id, step]) => [id, step.sent_by_day[day] ?? 0])),
  }));
}

const cell = (value: string | number) => {
  const text = String(value);
  const safe = /^[=+\-@\t\r]/.test(text) && typeof value === "string" ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};

/** The report as a CSV file: a line for each count, by version, step, day and reason. */
export function csvOf(reports: readonly { name: string; report: Report }[]): string {
  const rows: (string | number)[][] = [["version", "what", "step", "day", "reason", "count"]];
  for (const { name, report } of reports) {
    const add = (what: string, count: number, { step = "", day = "", reason = "" } = {}) => rows.push([name, what, step, day, reason, count]);
    for (const what of ["people", "without_address", "triggers", "entries", "people_entered", "sent", "completed", "waiting", "campaign_mail"] as const) add(what, report[what]);
    for (const [reason, count] of Object.entries(report.refused)) add("refused", count, { reason });
    for (const [day, count] of Object.entries(report.entries_by_day)) add("entries by day", count, { day });
    for (const [step, of] of Object.entries(report.steps)) {
      for (const [day, count] of Object.entries(of.sent_by_day)) add("sent by day", count, { step, day });
      for (const [reason, count] of Object.entries(of.skipped)) add("skipped", count, { step, reason });
      for (const [reason, count] of Object.entries(of.left)) add("left", count, { step, reason });
      if (of.waiting > 0) add("waiting at the end", of.waiting, { step });
    }
    for (const [flow, count] of Object.entries(report.other_flows)) add("in another flow meanwhile", count, { reason: flow });
    for (const [what, count] of Object.entries(report.stake)) add(what.replaceAll("_", " "), count);
  }
  return rows.map((row) => row.map(cell).join(",")).join("\r\n") + "\r\n";
}
