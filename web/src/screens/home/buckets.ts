// Days put together to as many points as a chart can show: days, or weeks where there are many.
import type { components } from "@/api/schema";

export type Overview = components["schemas"]["OverviewOut"];
export type Day = Overview["days"][number];

const MOST_DAYS = 45;
const WEEK = 7;

export interface Bucket {
  /** "12 Jan", "8–14 Jan" */
  label: string;
  flows: number;
  campaigns: number;
  sent: number;
  opened: number;
  joined: number;
  left: number;
}

/** Whether a point is a day or a week. */
export const unitOf = (days: Day[]): "day" | "week" => (days.length > MOST_DAYS ? "week" : "day");

/** The points of a chart, oldest first. Weeks end today: the first may be short, and is left out if it is. */
export function buckets(days: Day[]): Bucket[] {
  const size = unitOf(days) === "week" ? WEEK : 1;
  const first = days.length % size;
  const parts: Day[][] = [];
  for (let at = first; at < days.length; at += size) parts.push(days.slice(at, at + size));
  return parts.map((part) => ({
    label: part.length === 1 ? dayName(part[0]!.day) : dayRange(part[0]!.day, part.at(-1)!.day, false),
    flows: sum(part, (day) => day.revenue_flows),
    campaigns: sum(part, (day) => day.revenue_campaigns),
    sent: sum(part, (day) => day.sent),
    opened: sum(part, (day) => day.opened),
    joined: sum(part, (day) => day.new_subscribers),
    left: sum(part, (day) => day.lost_subscribers),
  }));
}

const sum = (days: Day[], of: (day: Day) => number): number => Math.round(100 * days.reduce((total, day) => total + of(day), 0)) / 100;

const format = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", ...options });
const short = format({ day: "numeric", month: "short" });
const long = format({ day: "numeric", month: "short", year: "numeric" });

/** "12 Jan", of a calendar day. */
export const dayName = (day: string): string => short.format(new Date(day));

/** "28 Dec – 26 Jan 2018", of calendar days. */
export function dayRange(first: string, last: string, year = true): string {
  return (year ? long : short).formatRange(new Date(first), new Date(last));
}
