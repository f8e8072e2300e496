// After a segment has changed: what is known of segments is asked anew. Counts of definitions stay: they do not depend on it.
import type { QueryClient } from "@tanstack/react-query";

export function refreshSegments(client: QueryClient): Promise<void> {
  return client.invalidateQueries({ predicate: ({ queryKey: [method, path] }) => method === "get" && String(path).startsWith("/api/v1/segments") });
}

/** After one is gone: the list and what is told beside it, not the page of the one. */
export async function refreshList(client: QueryClient): Promise<void> {
  const paths = ["/api/v1/segments", "/api/v1/segments/uses", "/api/v1/segments/sizes"];
  await client.invalidateQueries({ predicate: ({ queryKey: [method, path] }) => method === "get" && paths.includes(String(path)) });
}
