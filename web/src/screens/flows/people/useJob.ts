// A job that adds people, followed until it is over. Its number stands in this tab's memory, so that one can come back.
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import { query } from "@/api/client";
import type { components } from "@/api/schema";
import { tellDone } from "@/app/notices";
import { useBrand } from "@/app/session";
import { people } from "@/ui/formats";

export type Job = components["schemas"]["Job"];

export function useJob(slug: string) {
  const client = useQueryClient();
  const key = `headwater:adding:${useBrand().slug}:${slug}`;
  const [id, setId] = useState(() => Number(sessionStorage.getItem(key)) || null);
  const found = query.useQuery(
    "get",
    "/api/v1/flows/{slug}/people/jobs/{job_id}",
    { params: { path: { slug, job_id: id ?? 0 } } },
    { enabled: id !== null, refetchInterval: (state) => (state.state.data?.state === "running" ? 1500 : false), retry: false },
  );
  const job = id !== null ? found.data : undefined;
  const state = job?.state;
  const entered = job?.entered ?? 0;
  useEffect(() => {
    if (state !== "done") return;
    tellDone(`${people(entered)} came into the flow.`);
    void client.invalidateQueries({ queryKey: ["get", "/api/v1/flows/{slug}/people"] });
    void client.invalidateQueries({ queryKey: ["get", "/api/v1/flows/{slug}"] });
  }, [state, entered, client]);
  const follow = (next: number | null) => {
    if (next === null) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, String(next));
    setId(next);
  };
  return { job, follow };
}
