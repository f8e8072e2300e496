// What uses a segment, in words, and where each of it is.
import { query } from "@/api/client";
import type { components } from "@/api/schema";

export type Use = components["schemas"]["SegmentUse"];

const HOW: Record<Use["how"], string> = {
  starts: "starts by it",
  asks: "asks for it",
  includes: "goes to it",
  excludes: "leaves it out",
  builds_on: "builds on it",
};
const KINDS: Record<Use["kind"], string> = { flow: "Flow", campaign: "Campaign", segment: "Segment" };
const PLACES: Record<Use["kind"], string> = { flow: "/flows", campaign: "/campaigns", segment: "/segments" };

export const howUsed = (use: Use): string => HOW[use.how];
export const kindOf = (use: Use): string => KINDS[use.kind];
export const placeOf = (use: Use): string => `${PLACES[use.kind]}/${use.id}`;

/** By segment. */
export function useUses(): Map<number, Use[]> {
  const { data = [] } = query.useQuery("get", "/api/v1/segments/uses", {}, { staleTime: 30_000 });
  const found = new Map<number, Use[]>();
  for (const one of data) found.set(one.segment_id, [...(found.get(one.segment_id) ?? []), one]);
  return found;
}
