// Which brand one is in, and the way to the others.
import { Badge, Button, Menu, Text } from "@mantine/core";
import { IconCheck, IconPlus, IconSelector } from "@tabler/icons-react";
import { Link, useNavigate } from "@tanstack/react-router";

import { words } from "@/ui/formats";

import { useBrand, useMe } from "./session";

export function BrandMenu() {
  const brand = useBrand();
  const { workspaces } = useMe();
  const navigate = useNavigate();
  return (
    <Menu position="bottom-start" width={280} shadow="md">
      <Menu.Target>
        <Button variant="subtle" color="gray" px="xs" rightSection={<IconSelector size={14} aria-hidden />} styles={{ root: { minWidth: 0, flexShrink: 1 } }} aria-label={`Brand: ${brand.name}. Change it`}>
          <Text span truncate fw={600} size="sm" c="var(--mantine-color-text)">{brand.name}</Text>
        </Button>
      </Menu.Target>
      <Menu.Dropdown mah={420} style={{ overflowY: "auto" }}>
        <Menu.Label>Brands</Menu.Label>
        {workspaces.map((one) => (
          <Menu.Item
            key={one.slug}
            onClick={() => navigate({ to: `/b/${one.slug}/home` })}
            leftSection={<IconCheck size={14} aria-hidden style={{ visibility: one.slug === brand.slug ? "visible" : "hidden" }} />}
            rightSection={<Badge size="xs" color="gray">{words(one.role)}</Badge>}
          >
            {one.name}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item component={Link} to="/welcome" leftSection={<IconPlus size={14} aria-hidden />}>New brand</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
