// Instants as the brand's zone shows them. Whatever shows a time of day names the zone nearby.
import { useBrand } from "@/app/session";

export interface Times {
  /** The brand's zone, e.g. Europe/Berlin. */
  zone: string;
  /** "26 Nov 2026" */
  date: (at: string) => string;
  /** "26 Nov 2026, 14:05" */
  moment: (at: string) => string;
  /** "14:05" */
  time: (at: string) => string;
  /** "Thursday, 26 November 2026, 14:05 Europe/Berlin (GMT+1)" */
  whole: (at: string) => string;
}

const kept = new Map<string, Times>();

export function timesIn(zone: string): Times {
  const known = kept.get(zone);
  if (known) return known;
  const make = (options: Intl.DateTimeFormatOptions) => {
    const format = new Intl.DateTimeFormat("en-GB", { timeZone: zone, ...options });
    return (at: string) => format.format(new Date(at));
  };
  const long = make({ weekday: "long", day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit", timeZoneName: "short" });
  const times = {
    zone,
    date: make({ day: "numeric", month: "short", year: "numeric" }),
    moment: make({ day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" }),
    time: make({ hour: "2-digit", minute: "2-digit" }),
    whole: (at: string) => `${long(at)} (${zone})`,
  };
  kept.set(zone, times);
  return times;
}

export function useTimes(): Times {
  return timesIn(useBrand().timezone);
}

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
];
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

/** "3 hours ago", "in 2 days"; `now`: the instance's time, which may not be this machine's. */
export function ago(at: string, now: string | number): string {
  const seconds = (new Date(at).getTime() - new Date(now).getTime()) / 1000;
  const [unit, length] = UNITS.find(([, one]) => Math.abs(seconds) >= one) ?? ["minute", 60];
  return Math.abs(seconds) < 60 ? "just now" : relative.format(Math.round(seconds / length), unit);
}
