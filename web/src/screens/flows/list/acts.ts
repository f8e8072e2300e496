// What can be done with a flow from the list: pause, resume, archive, copy.
import { useQueryClient } from "@tanstack/react-query";

import { api } from "@/api/client";
import { tellDone } from "@/app/notices";

import { definitionOf, type FlowRow } from "../flow";
import { freeSlug } from "./rows";

export type Overdue = "send" | "skip" | "exit";

export function useFlowActs(flow: Pick<FlowRow, "slug" | "name">) {
  const client = useQueryClient();
  const { slug, name } = flow;
  const path = { params: { path: { slug } } };
  const renew = () => Promise.all(["/api/v1/flows/table", "/api/v1/flows/{slug}", "/api/v1/flows"].map((key) => client.invalidateQueries({ queryKey: ["get", key] })));
  return {
    async pause() {
      await api.POST("/api/v1/flows/{slug}/pause", path);
      tellDone(`“${name}” is paused. Everyone stays where they are.`);
      await renew();
    },
    async resume(overdue: Overdue | null) {
      await api.POST("/api/v1/flows/{slug}/resume", { ...path, body: { overdue } });
      tellDone(`“${name}” is live again.`);
      await renew();
    },
    async archive() {
      await api.POST("/api/v1/flows/{slug}/archive", path);
      tellDone(`“${name}” is archived.`);
      await renew();
    },
    /** A copy as a draft, which shows the same emails; answers its short name. */
    async duplicate(): Promise<string> {
      const [{ data: whole }, { data: known }] = await Promise.all([
        api.GET("/api/v1/flows/{slug}", path),
        api.GET("/api/v1/flows", { params: { query: { archived: true } } }),
      ]);
      const copy = freeSlug(slug, known!.map((one) => one.slug));
      const tree = whole!.draft ?? whole!.definition ?? definitionOf(whole!) ?? {};
      await api.POST("/api/v1/flows", { body: { ...tree, flow: copy, name: `Copy of ${name}` } });
      tellDone(`A draft was made: “Copy of ${name}”.`);
      await renew();
      return copy;
    },
  };
}
