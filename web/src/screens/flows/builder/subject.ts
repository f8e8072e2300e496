// The subjects of the brand's emails, asked for once for a whole flow.
import { query } from "@/api/client";

/** The subject of a saved email; undefined: not known, or not yet. */
export function useSubject(id: number | null | undefined): string | undefined {
  const { data } = query.useQuery("get", "/api/v1/templates", { params: { query: { limit: 1000 } } }, { staleTime: 60_000 });
  return id ? data?.data.find((one) => one.id === id)?.subject : undefined;
}
