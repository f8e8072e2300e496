// Days of a month as a calendar lays them out: whole weeks, Monday first. Days are "2026-03-02". Pure.

const DAY = 86_400_000;
const stamp = (day: string) => Date.parse(`${day}T00:00:00Z`);

export function addDays(day: string, days: number): string {
  return new Date(stamp(day) + days * DAY).toISOString().slice(0, 10);
}

/** "2026-03" and so many months on. */
export function addMonths(month: string, months: number): string {
  const [year, number] = month.split("-").map(Number) as [number, number];
  const at = new Date(Date.UTC(year, number - 1 + months, 1));
  return at.toISOString().slice(0, 7);
}

/** 0 is Monday. */
export function weekday(day: string): number {
  return (new Date(stamp(day)).getUTCDay() + 6) % 7;
}

/** The weeks that a month ("2026-03") touches, each of seven days. */
export function weeksOf(month: string): string[][] {
  const first = `${month}-01`;
  const last = addDays(`${addMonths(month, 1)}-01`, -1);
  const weeks: string[][] = [];
  for (let monday = addDays(first, -weekday(first)); monday <= last; monday = addDays(monday, 7)) {
    weeks.push(Array.from({ length: 7 }, (_, place) => addDays(monday, place)));
  }
  return weeks;
}

/** What is on each day, in the order of the days. */
export function byDay<Entry extends { day: string }>(entries: Entry[]): Map<string, Entry[]> {
  const days = new Map<string, Entry[]>();
  for (const entry of entries) days.set(entry.day, [...(days.get(entry.day) ?? []), entry]);
  return days;
}

const monthName = new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", month: "long", year: "numeric" });
const dayName = new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", weekday: "long", day: "numeric", month: "long" });

/** "March 2026" */
export const monthInWords = (month: string): string => monthName.format(stamp(`${month}-01`));

/** "Monday 2 March" */
export const dayInWords = (day: string): string => dayName.format(stamp(day)).replace(",", "");

export const isMonth = (given: string | undefined): given is string => /^[12]\d{3}-(0[1-9]|1[0-2])$/.test(given ?? "");
export const isDay = (given: string | undefined): given is string => /^[12]\d{3}-\d{2}-\d{2}$/.test(given ?? "") && !Number.isNaN(stamp(given!));
