// Invitations that nobody accepted yet.
import { ActionIcon, Text, Title, VisuallyHidden } from "@mantine/core";
import { IconMailForward, IconX } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api, query } from "@/api/client";
import type { components } from "@/api/schema";
import { tellDone } from "@/app/notices";
import { ConfirmModal } from "@/ui/confirm";
import { DataTable } from "@/ui/DataTable";
import { Moment } from "@/ui/Moment";
import { Empty } from "@/ui/states";

import { roleName } from "./roles";

type Invitation = components["schemas"]["InvitationOut"];

export function InvitationsTable() {
  const client = useQueryClient();
  const found = query.useQuery("get", "/api/v1/invitations");
  const [withdrawn, setWithdrawn] = useState<Invitation | null>(null);
  if (found.data?.length === 0) return null;
  const withdraw = async (one: Invitation) => {
    await api.DELETE("/api/v1/invitations/{invitation_id}", { params: { path: { invitation_id: one.id } } });
    tellDone("The invitation is withdrawn.");
    await client.invalidateQueries({ queryKey: ["get", "/api/v1/invitations"] });
  };
  return (
    <section aria-label="Invitations">
      <Title order={2} fz="md" mt="xl" mb="sm">Invitations</Title>
      <DataTable
        label="Invitations"
        rows={found.data}
        rowKey={(one) => one.id}
        loading={found.isPending}
        error={found.error}
        retry={() => void found.refetch()}
        empty={<Empty icon={IconMailForward} title="No invitation is open">Everybody who was invited has come.</Empty>}
        columns={[
          { key: "email", title: "Address", render: (one) => <Text size="sm" fw={550} style={{ overflowWrap: "anywhere" }}>{one.email}</Text> },
          { key: "role", title: "Role", width: 130, render: (one) => roleName(one.role) },
          { key: "by", title: "Invited by", wide: true, render: (one) => one.invited_by ?? "–" },
          { key: "expires", title: "Works until", wide: true, width: 180, render: (one) => <Moment at={one.expires_at} size="sm" /> },
          { key: "withdraw", title: <VisuallyHidden>Actions</VisuallyHidden>, width: 56, align: "right", render: (one) => <ActionIcon aria-label={`Withdraw the invitation of ${one.email}`} onClick={() => setWithdrawn(one)}><IconX size={18} /></ActionIcon> },
        ]}
      />
      <ConfirmModal opened={withdrawn !== null} onClose={() => setWithdrawn(null)} title="Withdraw the invitation?" action="Withdraw" danger onConfirm={() => withdraw(withdrawn!)}>
        The link that {withdrawn?.email} got stops working at once. You can invite them again.
      </ConfirmModal>
    </section>
  );
}
