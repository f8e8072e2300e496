// The hours of a report as points of a chart: by hour while that can be seen, by day after. Pure.

import { dayOf, wallOf } from "@/ui/zoned";
import type { Report } from "./shapes";

export interface Point {
  at: string;
  label: string;
  sent: number;
  opened: number;
  clicked: number;
}

const HOUR = 3_600_000;
const MOST_HOURS = 72;

/** Gaps are filled, so that a quiet night shows as one. By day in the zone when it spans more than three days. */
export function pointsOf(curve: Report["curve"], zone: string): { by: "hour" | "day"; points: Point[] } {
  const [first, last] = [curve[0], curve.at(-1)];
  if (!first || !last) return { by: "hour", points: [] };
  const begins = new Date(first.at).getTime();
  const hours = (new Date(last.at).getTime() - begins) / HOUR + 1;
  if (hours > MOST_HOURS) return { by: "day", points: days(curve, zone) };
  const known = new Map(curve.map((one) => [new Date(one.at).getTime(), one]));
  const points = Array.from({ length: hours }, (_, place) => {
    const at = begins + place * HOUR;
    const { sent = 0, opened = 0, clicked = 0 } = known.get(at) ?? {};
    const wall = wallOf(at, zone);
    return { at: new Date(at).toISOString(), label: `${shortDay(wall.slice(0, 10))} ${wall.slice(11, 16)}`, sent, opened, clicked };
  });
  return { by: "hour", points };
}

function days(curve: Report["curve"], zone: string): Point[] {
  const sums = new Map<string, Point>();
  for (const one of curve) {
    const day = dayOf(one.at, zone);
    const before = sums.get(day) ?? { at: day, label: shortDay(day), sent: 0, opened: 0, clicked: 0 };
    sums.set(day, { ...before, sent: before.sent + one.sent, opened: before.opened + one.opened, clicked: before.clicked + one.clicked });
  }
  return [...sums.values()];
}

const format = new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", day: "numeric", month: "short" });
const shortDay = (day: string) => format.format(Date.parse(`${day}T00:00:00Z`));
