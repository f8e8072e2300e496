// The flow in the address, for the screens about one flow: while it loads and where there is none, they show that.
import { useParams } from "@tanstack/react-router";
import type { ReactElement } from "react";

import { query } from "@/api/client";
import { Failed, LoadingPage } from "@/ui/states";

import type { FlowDetail } from "./flow";

export function useFlow(): { flow: FlowDetail; instead: null } | { flow: null; instead: ReactElement } {
  const { flow: slug = "" } = useParams({ strict: false });
  const found = query.useQuery("get", "/api/v1/flows/{slug}", { params: { path: { slug } } });
  if (found.data) return { flow: found.data, instead: null };
  if (!found.isError) return { flow: null, instead: <LoadingPage /> };
  return { flow: null, instead: <Failed error={found.error} retry={() => void found.refetch()} /> };
}
