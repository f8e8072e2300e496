// What several parts of a profile's page are given: the answer of a query, with its waiting and its error.
import type { components } from "@/api/schema";

export type Told = components["schemas"]["Timeline"];
export type Entry = components["schemas"]["TimelineEntry"];

export interface Loading<Data> {
  data: Data | undefined;
  error: unknown;
  refetch: () => unknown;
}
