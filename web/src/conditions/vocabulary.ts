// What conditions choose from, as the brand has it: its events, properties and their values, lists, segments, coupons, flows.
import { query } from "@/api/client";
import type { components } from "@/api/schema";

import { STANDARD_METRICS } from "./standardMetrics";

export type Property = components["schemas"]["PropertyOut"];

const RARELY = { staleTime: 5 * 60_000 };

export interface MetricChoice {
  name: string;
  /** How often it has happened; 0: not yet. */
  count: number;
}

/** The brand's own first, the most frequent first; then the standard ones that have not come yet. */
export function useMetrics(): MetricChoice[] {
  const { data = [] } = query.useQuery("get", "/api/v1/metrics", {}, RARELY);
  const seen = new Set(data.map((one) => one.name));
  return [...data.map(({ name, count }) => ({ name, count })), ...STANDARD_METRICS.filter((name) => !seen.has(name)).map((name) => ({ name, count: 0 }))];
}

export function useProfileProperties(): Property[] {
  return query.useQuery("get", "/api/v1/properties", {}, RARELY).data ?? [];
}

/** Of the events of one metric; of several, all of theirs. */
export function useEventProperties(metric: string): Property[] {
  return query.useQuery("get", "/api/v1/properties/events", { params: { query: { metric } } }, { ...RARELY, enabled: metric !== "" }).data ?? [];
}

/** Every list, by name. */
export function useLists(): { id: number; name: string; members: number }[] {
  return query.useQuery("get", "/api/v1/lists", {}, { staleTime: 30_000 }).data ?? [];
}

/** Every segment in use, by name. */
export function useSegments(): { id: number; name: string; members: number }[] {
  return query.useQuery("get", "/api/v1/segments", { params: { query: { limit: 1000 } } }, { staleTime: 30_000 }).data?.data ?? [];
}

export function useCouponNames(): string[] {
  return (query.useQuery("get", "/api/v1/coupons", { params: { query: { limit: 1000 } } }, RARELY).data?.data ?? []).map((one) => one.name);
}

export function useFlowNames(): { value: string; label: string }[] {
  return (query.useQuery("get", "/api/v1/flows", {}, RARELY).data ?? []).map((one) => ({ value: one.slug, label: one.name }));
}
