// What can be done with one campaign; each act tells the lists, the calendar and its own page that it has changed.
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";

import { api } from "@/api/client";
import { tellDone, tellRefused } from "@/app/notices";
import { useInBrand } from "@/app/places";
import { people } from "@/ui/formats";

/** Throws nothing away: every query of the campaign room is asked again. */
export function useRefresh(): () => Promise<void> {
  const client = useQueryClient();
  return () =>
    client.invalidateQueries({
      predicate: ({ queryKey }) => typeof queryKey[1] === "string" && /^\/api\/v1\/(campaigns|series)/.test(queryKey[1]) && !queryKey[1].endsWith("/estimate"),
    });
}

export function useActs(id: number) {
  const refresh = useRefresh();
  const navigate = useNavigate();
  const inBrand = useInBrand();
  const params = { path: { campaign_id: id } };

  /** For menus, where nothing else shows a refusal. */
  const said = async (act: () => Promise<unknown>) => {
    try {
      await act();
    } catch (error) {
      tellRefused(error);
    }
  };
  return {
    pause: async () => {
      await api.POST("/api/v1/campaigns/{campaign_id}/pause", { params });
      await refresh();
      tellDone("Paused. Nothing more leaves until you resume it.");
    },
    resume: async () => {
      await api.POST("/api/v1/campaigns/{campaign_id}/resume", { params });
      await refresh();
      tellDone("It goes on.");
    },
    cancel: async () => {
      const { data } = await api.POST("/api/v1/campaigns/{campaign_id}/cancel", { params });
      await refresh();
      tellDone(data && data.sent > 0 ? `Cancelled. ${people(data.taken_back)} will not get it; ${people(data.sent)} had it already.` : "Cancelled. Nobody gets it.");
    },
    remove: async () => {
      await api.DELETE("/api/v1/campaigns/{campaign_id}", { params });
      await refresh();
      tellDone("The draft is deleted.");
    },
    unschedule: () =>
      said(async () => {
        await api.POST("/api/v1/campaigns/{campaign_id}/unschedule", { params });
        await refresh();
        tellDone("It is a draft again, and will not be sent.");
        await navigate({ to: inBrand(`/campaigns/${id}/edit`) });
      }),
    duplicate: () =>
      said(async () => {
        const { data } = await api.POST("/api/v1/campaigns/{campaign_id}/duplicate", { params });
        if (!data) return;
        await refresh();
        const gone = data.gone.length;
        tellDone(gone > 0 ? `Copied, without ${gone} ${gone === 1 ? "part" : "parts"} of the original that no longer exist. Check its audience.` : "Copied as a new draft.");
        await navigate({ to: inBrand(`/campaigns/${data.id}/edit`) });
      }),
  };
}
