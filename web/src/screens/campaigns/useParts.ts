// The lists and segments of the brand, as an audience can be put together from them.
import { query } from "@/api/client";

export interface Choice {
  /** "list:7" */
  key: string;
  kind: "list" | "segment";
  name: string;
  members: number;
}

export function useParts(): { choices: Choice[] | undefined; error: unknown; retry: () => void } {
  const lists = query.useQuery("get", "/api/v1/lists", {});
  const segments = query.useQuery("get", "/api/v1/segments", { params: { query: { limit: 1000 } } });
  const ready = lists.data && segments.data;
  return {
    choices: ready && [
      ...lists.data.map((one): Choice => ({ key: `list:${one.id}`, kind: "list", name: one.name, members: one.members })),
      ...segments.data.data.map((one): Choice => ({ key: `segment:${one.id}`, kind: "segment", name: one.name, members: one.members })),
    ],
    error: lists.error ?? segments.error,
    retry: () => void Promise.all([lists.refetch(), segments.refetch()]),
  };
}
