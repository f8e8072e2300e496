// Who works here: roles can be changed in place, by those who may.
import { ActionIcon, Avatar, Badge, Group, Select, Text, VisuallyHidden } from "@mantine/core";
import { IconUserMinus, IconUsers } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api, query } from "@/api/client";
import type { components } from "@/api/schema";
import { tellDone, tellRefused } from "@/app/notices";
import { type Role, useBrand, useMe } from "@/app/session";
import { ConfirmModal } from "@/ui/confirm";
import { type Column, DataTable } from "@/ui/DataTable";
import { Moment } from "@/ui/Moment";
import { Empty } from "@/ui/states";

import { givenBy, mayChange, roleName } from "./roles";

type Member = components["schemas"]["MemberOut"];

export function MembersTable() {
  const { role, name } = useBrand();
  const { user } = useMe();
  const own = role as Role;
  const client = useQueryClient();
  const found = query.useQuery("get", "/api/v1/members");
  const [leaving, setLeaving] = useState<Member | null>(null);
  const again = () => client.invalidateQueries({ queryKey: ["get", "/api/v1/members"] });

  const change = async (member: Member, next: Role) => {
    try {
      await api.PATCH("/api/v1/members/{member_id}", { params: { path: { member_id: member.id } }, body: { role: next } });
      tellDone(`${member.name || member.email} is ${article(next)} now.`);
    } catch (error) {
      tellRefused(error);
    }
    await Promise.all([again(), client.invalidateQueries({ queryKey: ["get", "/api/v1/me"] })]);
  };
  const remove = async (member: Member) => {
    await api.DELETE("/api/v1/members/{member_id}", { params: { path: { member_id: member.id } } });
    tellDone(`${member.name || member.email} no longer works in ${name}.`);
    await again();
  };

  const columns: Column<Member>[] = [
    {
      key: "who", title: "Person",
      render: (member) => (
        <Group gap="sm" wrap="nowrap">
          <Avatar color="water" radius="xl" size={34} aria-hidden>{(member.name || member.email).slice(0, 2).toUpperCase()}</Avatar>
          <div style={{ minWidth: 0 }}>
            <Text size="sm" fw={550} style={{ overflowWrap: "anywhere" }}>{member.name || member.email}{member.user_id === user.id && <Text span inherit c="dimmed" fw={400}> (you)</Text>}</Text>
            {member.name && <Text size="xs" c="dimmed" style={{ overflowWrap: "anywhere" }}>{member.email}</Text>}
          </div>
        </Group>
      ),
    },
    {
      key: "role", title: "Role", width: 150,
      render: (member) =>
        mayChange(own, member.role as Role) ? (
          <Select aria-label={`Role of ${member.email}`} size="xs" w={130} allowDeselect={false} data={givenBy(own)} value={member.role} onChange={(next) => next && next !== member.role && void change(member, next as Role)} />
        ) : <Text size="sm">{roleName(member.role)}</Text>,
    },
    { key: "two_factor", title: "Second factor", wide: true, width: 140, render: (member) => <Badge color={member.two_factor ? "green" : "gray"} style={{ minWidth: "max-content" }}>{member.two_factor ? "On" : "Off"}</Badge> },
    { key: "last", title: "Last log-in", wide: true, width: 180, render: (member) => (member.last_login ? <Moment at={member.last_login} size="sm" /> : <Text size="sm" c="dimmed">Never</Text>) },
    {
      key: "remove", title: <VisuallyHidden>Actions</VisuallyHidden>, width: 56, align: "right",
      render: (member) => mayChange(own, member.role as Role) && <ActionIcon aria-label={`Take ${member.email} out of the brand`} onClick={() => setLeaving(member)}><IconUserMinus size={18} /></ActionIcon>,
    },
  ];
  return (
    <>
      <DataTable label="People" columns={columns} rows={found.data} rowKey={(member) => member.id} loading={found.isPending} error={found.error} retry={() => void found.refetch()} empty={<Empty icon={IconUsers} title="Nobody works here">Invite someone.</Empty>} />
      <ConfirmModal opened={leaving !== null} onClose={() => setLeaving(null)} title={leaving?.user_id === user.id ? "Leave this brand?" : "Take them out of the brand?"} action={leaving?.user_id === user.id ? "Leave" : "Take out"} danger onConfirm={() => remove(leaving!)}>
        {leaving?.user_id === user.id ? `You no longer see ${name}, at once. Somebody who is left there can invite you again.` : `${leaving?.name || leaving?.email} no longer sees ${name}, at once. What they made stays. They can be invited again.`}
      </ConfirmModal>
    </>
  );
}

const article = (role: Role): string => `${role === "analyst" || role === "admin" || role === "owner" ? "an" : "a"} ${roleName(role).toLowerCase()}`;
