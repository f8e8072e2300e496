// Who is logged in, the brand of the page, and what their role lets them do.
import { type UseSuspenseQueryResult } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";

import { ApiError, query } from "@/api/client";
import type { components } from "@/api/schema";

export type Me = components["schemas"]["MeOut"];
export type Brand = Me["workspaces"][number];
export type Role = "owner" | "admin" | "marketer" | "analyst";

const RANK: Record<Role, number> = { owner: 3, admin: 2, marketer: 1, analyst: 0 };

export function useMe(): Me {
  const found = query.useSuspenseQuery("get", "/api/v1/me", {}, { staleTime: 60_000 }) as UseSuspenseQueryResult<Me, ApiError>;
  return found.data;
}

/** The brand in the address. Only inside `/b/$brand`. */
export function useBrand(): Brand {
  const { brand } = useParams({ strict: false });
  const found = useMe().workspaces.find((one) => one.slug === brand);
  if (!found) throw new ApiError(404, "not_found", "No such brand", "This brand does not exist, or you are not a member of it.");
  return found;
}

/** Whether the person's role in this brand reaches as far as this one. */
export function useMay(role: Role): boolean {
  return RANK[useBrand().role as Role] >= RANK[role];
}
