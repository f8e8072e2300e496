// What of the brand's own the palette finds by a word: people, flows, campaigns, segments, lists and templates.
import type { SpotlightActionData, SpotlightActionGroupData } from "@mantine/spotlight";
import { type Icon, IconFilter, IconListDetails, IconMail, IconRoute, IconTemplate, IconUser, IconUsers } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";

import { api } from "@/api/client";

import { useBrand } from "./session";

type Go = (path: string) => () => void;

interface Named {
  name: string;
  path: string;
  about?: string;
}

interface Group {
  title: string;
  mark: Icon;
  found: Named[];
}

const FEW = 5;
const LEAST = 2;

export function useFound(asked: string, go: Go): SpotlightActionGroupData[] {
  const { slug } = useBrand();
  const found = useQuery({
    queryKey: ["palette", slug, asked],
    enabled: asked.length >= LEAST,
    staleTime: 10_000,
    queryFn: ({ signal }) => search(asked, signal),
  });
  if (!found.data || asked.length < LEAST) return [];
  // Spotlight looks through labels itself: what was found by another field carries the search as a keyword.
  const action = (one: Named, Mark: Icon): SpotlightActionData => ({
    id: one.path, label: one.name, description: one.about, keywords: asked, leftSection: <Mark size={18} aria-hidden />, onClick: go(one.path),
  });
  const everybody = action({ name: `Search people for “${asked}”`, path: `/profiles?q=${encodeURIComponent(asked)}` }, IconUsers);
  return found.data.map(({ title, mark, found: named }) => ({
    group: title,
    actions: [...named.map((one) => action(one, mark)), ...(title === "People" ? [everybody] : [])],
  }));
}

async function search(q: string, signal: AbortSignal): Promise<Group[]> {
  const few = { params: { query: { q, limit: FEW } }, signal };
  const [people, flows, campaigns, segments, lists, templates] = await Promise.all([
    api.GET("/api/v1/profiles/table", few),
    api.GET("/api/v1/flows", { signal }),
    api.GET("/api/v1/campaigns", few),
    api.GET("/api/v1/segments", few),
    api.GET("/api/v1/lists", { signal }),
    api.GET("/api/v1/templates", few),
  ]);
  const fits = ({ name }: { name: string }) => name.toLowerCase().includes(q.toLowerCase());
  return [
    { title: "People", mark: IconUser, found: (people.data?.data ?? []).map(person) },
    { title: "Flows", mark: IconRoute, found: (flows.data ?? []).filter(fits).slice(0, FEW).map((one) => ({ name: one.name, path: `/flows/${one.slug}` })) },
    { title: "Campaigns", mark: IconMail, found: (campaigns.data?.data ?? []).map((one) => ({ name: one.name, path: `/campaigns/${one.id}` })) },
    { title: "Segments", mark: IconFilter, found: (segments.data?.data ?? []).map((one) => ({ name: one.name, path: `/segments/${one.id}` })) },
    { title: "Lists", mark: IconListDetails, found: (lists.data ?? []).filter(fits).slice(0, FEW).map((one) => ({ name: one.name, path: `/lists/${one.id}` })) },
    { title: "Templates", mark: IconTemplate, found: (templates.data?.data ?? []).map((one) => ({ name: one.name, path: `/templates/${one.id}`, about: one.subject })) },
  ];
}

/** By name, with the address below; by the address alone where there is no name. */
function person(one: { id: number; email?: string | null; first_name?: string | null; last_name?: string | null }): Named {
  const name = [one.first_name, one.last_name].filter(Boolean).join(" ");
  return { name: name || one.email || `Profile ${one.id}`, path: `/profiles/${one.id}`, about: name ? one.email ?? undefined : undefined };
}
