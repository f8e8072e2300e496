// The frame around every screen of a brand: rooms at the side, brand and search at the top.
import { ActionIcon, AppShell, Box, Burger, Group, Kbd, NavLink, ScrollArea, Skeleton, Text, UnstyledButton, useComputedColorScheme, useMantineColorScheme } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { openSpotlight } from "@mantine/spotlight";
import { IconMoon, IconSearch, IconSun } from "@tabler/icons-react";
import { Link, Outlet, useLocation, useParams, useRouterState } from "@tanstack/react-router";
import { lazy, useEffect } from "react";

import { speakFor } from "@/api/client";

import { Afterwards } from "./Afterwards";
import { Crash } from "./Crash";
import { useInBrand } from "./places";
import { ROOMS, type Room } from "./rooms";
import { useBrand, useMay } from "./session";
import classes from "./Shell.module.css";

// What opens over the page comes after it: menus and the palette are a fifth of the shell's script.
const Palette = lazy(() => import("./Palette"));
const BrandMenu = lazy(async () => ({ default: (await import("./BrandMenu")).BrandMenu }));
const AccountMenu = lazy(async () => ({ default: (await import("./AccountMenu")).AccountMenu }));

/** The router's own idea of where one is; a room is marked by ours. */
const EXACTLY = { exact: true, includeSearch: false };

export function Shell() {
  const { brand } = useParams({ strict: false });
  speakFor(brand ?? null);
  const { slug, name } = useBrand();
  const [opened, { toggle, close }] = useDisclosure(false);
  const { pathname } = useLocation();
  const arrived = useRouterState({ select: ({ resolvedLocation, location }) => (resolvedLocation ?? location).pathname });
  useEffect(close, [pathname, close]);
  useEffect(() => localStorage.setItem("headwater:brand", slug), [slug]);
  return (
    <AppShell header={{ height: 56 }} navbar={{ width: 232, breakpoint: "sm", collapsed: { mobile: !opened } }} padding={0}>
      <a href="#main" className={`skip ${classes.skip}`}>Skip to the content</a>
      <AppShell.Header className={classes.header}>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap" gap="sm">
          <Group gap="sm" wrap="nowrap" style={{ minWidth: 0 }}>
            <Burger opened={opened} onClick={toggle} hiddenFrom="sm" size="sm" aria-label={opened ? "Close the menu" : "Open the menu"} />
            <img src="/app/icon.svg" width={28} height={28} alt="" />
            <Text fw={700} visibleFrom="sm">Headwater</Text>
            <Afterwards until={<Text fw={600} size="sm" px="xs" truncate>{name}</Text>}><BrandMenu /></Afterwards>
          </Group>
          <Search />
          <Group gap="xs" wrap="nowrap">
            <SchemeSwitch />
            <Afterwards until={<Skeleton circle height={36} animate={false} />}><AccountMenu /></Afterwards>
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar className={classes.navbar} aria-label="Rooms">
        <AppShell.Section grow component={ScrollArea} type="never" p="sm">
          {ROOMS.map((room) => <RoomLink key={room.path} room={room} pathname={pathname} />)}
        </AppShell.Section>
      </AppShell.Navbar>
      <AppShell.Main id="main" className={classes.main} tabIndex={-1}>
        <Crash at={arrived}>
          <Outlet />
        </Crash>
      </AppShell.Main>
      <Afterwards><Palette /></Afterwards>
    </AppShell>
  );
}

function RoomLink({ room, pathname }: { room: Room; pathname: string }) {
  const inBrand = useInBrand();
  const admin = useMay("admin");
  const places = room.places?.filter((place) => place.least !== "admin" || admin);
  const here = (path: string) => pathname === inBrand(path) || pathname.startsWith(`${inBrand(path)}/`);
  // The longest path that fits is where one is: /campaigns/calendar is not "All campaigns".
  const at = places?.filter((place) => here(place.path)).toSorted((one, other) => other.path.length - one.path.length)[0];
  const inside = at !== undefined || here(room.path) || (room.path === "/campaigns" && here("/series"));
  const link = { component: Link, activeOptions: EXACTLY, to: inBrand(room.path), label: room.label, leftSection: <room.icon size={18} stroke={1.7} aria-hidden /> } as const;
  return (
    <Box mb={2}>
      <NavLink {...link} active={inside} className={classes.room} variant={places ? "subtle" : "light"} data-inside={inside || undefined} />
      {inside && places?.map((place) => (
        <NavLink key={place.path} component={Link} activeOptions={EXACTLY} to={inBrand(place.path)} label={place.label} active={at === place} aria-current={at === place ? "page" : undefined} className={classes.place} />
      ))}
    </Box>
  );
}

function Search() {
  return (
    <UnstyledButton onClick={openSpotlight} className={classes.search}>
      <IconSearch size={16} aria-hidden />
      <Text size="sm" c="dimmed" className={classes.searchWords}>Search or jump to…</Text>
      <Group gap={4} visibleFrom="md" aria-hidden><Kbd size="xs">Ctrl</Kbd><Kbd size="xs">K</Kbd></Group>
    </UnstyledButton>
  );
}

function SchemeSwitch() {
  const { setColorScheme } = useMantineColorScheme();
  const dark = useComputedColorScheme("light") === "dark";
  return (
    <ActionIcon variant="default" size="lg" onClick={() => setColorScheme(dark ? "light" : "dark")} aria-label={dark ? "Light colours" : "Dark colours"}>
      {dark ? <IconSun size={18} /> : <IconMoon size={18} />}
    </ActionIcon>
  );
}
