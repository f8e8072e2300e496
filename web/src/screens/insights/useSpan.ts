// The span of a report, as it stands in the address: the last so many days, or from a day to a day.
import { useAddress } from "@/app/address";

export const LENGTHS = ["7", "30", "90", "365"] as const;
export type Length = (typeof LENGTHS)[number];

export interface Span {
  days?: Length;
  since?: string;
  until?: string;
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** What the address asks for; what cannot be read counts for nothing. */
export function readSpan({ days, since, until }: { days?: string; since?: string; until?: string }): Span {
  if (since && until && DAY.test(since) && DAY.test(until) && since <= until) return { since, until };
  return { days: LENGTHS.find((one) => one === days) ?? "30" };
}

export function useSpan(): [Span, (span: Span) => void] {
  const [address, setAddress] = useAddress<{ days: string; since: string; until: string }>();
  const change = (span: Span) => setAddress({ days: span.days === "30" ? undefined : span.days, since: span.since, until: span.until });
  return [readSpan(address), change];
}

/** The span in the query of an address: "days=30". */
export function spanQuery(span: Span): string {
  return new URLSearchParams(Object.entries(span).filter(([, value]) => value !== undefined) as [string, string][]).toString();
}
