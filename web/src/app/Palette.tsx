// Ctrl-K: finds people, flows, campaigns, segments and templates, and leads to every room.
import { Spotlight, type SpotlightActionGroupData } from "@mantine/spotlight";
import "@mantine/spotlight/styles.layer.css";
import { IconArrowRight, IconPlus, IconSearch } from "@tabler/icons-react";
import { useDebouncedValue } from "@mantine/hooks";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";

import { useInBrand } from "./places";
import { ROOMS } from "./rooms";
import { useMay } from "./session";
import { useFound } from "./useFound";

export default function Palette() {
  const [typed, setTyped] = useState("");
  const [asked] = useDebouncedValue(typed.trim(), 150);
  const groups = [...useFound(asked, useGo()), useActs(), usePlaces()].filter((group) => group.actions.length > 0);
  return (
    <Spotlight
      actions={groups}
      query={typed}
      onQueryChange={setTyped}
      shortcut={["mod + K", "/"]}
      limit={12}
      scrollable
      maxHeight={420}
      nothingFound={asked ? "Nothing found. Try a part of a name or of an address." : "Type what you look for."}
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
