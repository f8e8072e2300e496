// The person who is logged in.
import { Avatar, Menu, Text, UnstyledButton } from "@mantine/core";
import { IconInbox, IconLogout, IconUserCog } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";

import { logOut } from "@/api/account";

import { useInBrand } from "./places";
import { useMe } from "./session";

export function AccountMenu() {
  const { user, instance } = useMe();
  const inBrand = useInBrand();
  const navigate = useNavigate();
  const client = useQueryClient();
  const name = user.name || user.email;
  const leave = async () => {
    await logOut();
    client.clear();
    await navigate({ to: "/login" });
  };
  return (
    <Menu position="bottom-end" width={260} shadow="md">
      <Menu.Target>
        <UnstyledButton aria-label={`${initials(name)}: the account of ${name}`} style={{ borderRadius: "50%" }}>
          <Avatar size={36} color="water">{initials(name)}</Avatar>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label><Text size="sm" truncate>{user.email}</Text></Menu.Label>
        <Menu.Item component={Link} to={inBrand("/settings/account")} leftSection={<IconUserCog size={16} aria-hidden />}>My account</Menu.Item>
        {instance.mailbox_url && <Menu.Item component="a" href={instance.mailbox_url} target="_blank" leftSection={<IconInbox size={16} aria-hidden />}>Local mailbox</Menu.Item>}
        <Menu.Divider />
        <Menu.Item onClick={leave} leftSection={<IconLogout size={16} aria-hidden />}>Log out</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function initials(name: string): string {
  const words = name.split("@")[0]!.split(/[\s._-]+/).filter(Boolean);
  return words.slice(0, 2).map((word) => word[0]!.toUpperCase()).join("");
}
