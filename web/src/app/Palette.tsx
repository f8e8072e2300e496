// Ctrl-K: finds people, flows, campaigns, segments and templates, and leads to every room.
import { Spotlight, type SpotlightActionData, type SpotlightActionGroupData } from "@mantine/spotlight";
import "@mantine/spotlight/styles.layer.css";
import { IconArrowRight, IconFilter, IconMail, IconPlus, IconRoute, IconSearch, IconTemplate, IconUser } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useDebouncedValue } from "@mantine/hooks";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";

import { api } from "@/api/client";

import { useInBrand } from "./places";
import { ROOMS } from "./rooms";
import { useBrand, useMay } from "./session";

export default function Palette() {
  const [typed, setTyped] = useState("");
  const [asked] = useDebouncedValue(typed.trim(), 150);
  const groups = [...useFound(asked), useActs(), usePlaces()].filter((group) => group.actions.length > 0);
  return (
    <Spotlight
      actions={groups}
      query={typed}
      onQueryChange={setTyped}
      shortcut={["mod + K", "/"]}
      limit={12}
      scrollable
      maxHeight={420}
      nothingFound={asked ? "Nothing found. Try an email address, or a word of a name." : "Type what you look for."}
      searchProps={{ leftSection: <IconSearch size={18} aria-hidden />, placeholder: "Search people, flows, campaigns, or jump to…", "aria-label": "Search or jump to" }}
    />
  );
}

function useGo(): (path: string) => () => void {
  const navigate = useNavigate();
  const inBrand = useInBrand();
  return (path) => () => void navigate({ to: inBrand(path) });
}

function usePlaces(): SpotlightActionGroupData {
  const go = useGo();
  const admin = useMay("admin");
  const places = ROOMS.flatMap((room) => (room.places ?? [room]).map((place) => ({ ...place, room: room.label })));
  return {
    group: "Go to",
    actions: places
      .filter((place) => !("least" in place && place.least === "admin") || admin)
      .map((place) => ({
        id: `go ${place.path}`,
        label: place.label,
        description: place.room === place.label ? undefined : place.room,
        keywords: "also" in place ? place.also : undefined,
        leftSection: <IconArrowRight size={18} aria-hidden />,
        onClick: go(place.path),
      })),
  };
}

function useActs(): SpotlightActionGroupData {
  const go = useGo();
  const may = useMay("marketer");
  const acts = [
    { label: "New flow from a recipe", path: "/flows/recipes" },
    { label: "New campaign", path: "/campaigns/new" },
    { label: "New segment", path: "/segments/new" },
    { label: "Import people from CSV", path: "/imports/new" },
    { label: "New template", path: "/templates?new=1" },
  ];
  return {
    group: "Do",
    actions: may ? acts.map((act) => ({ id: `do ${act.path}`, label: act.label, leftSection: <IconPlus size={18} aria-hidden />, onClick: go(act.path) })) : [],
  };
}

/** What of the brand's own is called so. Spotlight filters by words too, so what was found by other fields carries the search as a keyword. */
function useFound(asked: string): SpotlightActionGroupData[] {
  const go = useGo();
  const { slug } = useBrand();
  const found = useQuery({
    queryKey: ["palette", slug, asked],
    enabled: asked.length > 1,
    staleTime: 10_000,
    queryFn: async () => {
      const [people, flows, campaigns, segments, templates] = await Promise.all([
        asked.includes("@") ? api.GET("/api/v1/profiles", { params: { query: { email: asked, limit: 3 } } }) : null,
        api.GET("/api/v1/flows"),
        api.GET("/api/v1/campaigns", { params: { query: { limit: 100 } } }),
        api.GET("/api/v1/segments"),
        api.GET("/api/v1/templates", { params: { query: { limit: 200 } } }),
      ]);
      return {
        people: people?.data?.data ?? [],
        flows: rows(flows.data).map((one) => ({ name: String(one.name), path: `/flows/${one.slug}` })),
        campaigns: rows(campaigns.data).map((one) => ({ name: String(one.name), path: `/campaigns/${one.id}` })),
        segments: rows(segments.data).map((one) => ({ name: String(one.name), path: `/segments/${one.id}` })),
        templates: rows(templates.data).map((one) => ({ name: String(one.name), path: `/templates/${one.id}` })),
      };
    },
  });
  if (!found.data || asked.length < 2) return [];
  const fits = (name: string) => name.toLowerCase().includes(asked.toLowerCase());
  const group = (title: string, mark: typeof IconMail, all: { name: string; path: string }[]): SpotlightActionGroupData => ({
    group: title,
    actions: all.filter((one) => fits(one.name)).slice(0, 5).map((one) => action(one.name, one.path, mark, go)),
  });
  return [
    { group: "People", actions: found.data.people.map((one) => action(one.email ?? `Profile ${one.id}`, `/profiles/${one.id}`, IconUser, go, asked)) },
    { group: "People", actions: asked.length > 1 ? [action(`Search people for “${asked}”`, `/profiles?q=${encodeURIComponent(asked)}`, IconUser, go, asked)] : [] },
    group("Flows", IconRoute, found.data.flows),
    group("Campaigns", IconMail, found.data.campaigns),
    group("Segments", IconFilter, found.data.segments),
    group("Templates", IconTemplate, found.data.templates),
  ];
}

function rows(data: unknown): Record<string, unknown>[] {
  if (Array.isArray(data)) return data as Record<string, unknown>[];
  return ((data as { data?: unknown[] } | undefined)?.data ?? []) as Record<string, unknown>[];
}

function action(label: string, path: string, Mark: typeof IconMail, go: ReturnType<typeof useGo>, keywords?: string): SpotlightActionData {
  return { id: path, label, keywords, leftSection: <Mark size={18} aria-hidden />, onClick: go(path) };
}
