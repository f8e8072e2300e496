// Asking someone into the brand: their address, their role, and the link to pass on if the email does not arrive.
import { Alert, Radio, Stack, Text, TextInput } from "@mantine/core";
import { IconMailCheck, IconMailX } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api, ApiError } from "@/api/client";
import type { components } from "@/api/schema";
import { type Role, useBrand } from "@/app/session";
import { FormDrawer } from "@/ui/FormDrawer";

import { CopyField } from "./CopyField";
import { givenBy, roleName } from "./roles";

type Made = components["schemas"]["NewInvitation"];

export function InviteDrawer({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { role: own } = useBrand();
  const client = useQueryClient();
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<Role>("marketer");
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<ApiError | null>(null);
  const [made, setMade] = useState<Made | null>(null);
  const close = () => {
    setMade(null);
    setEmail("");
    setRefused(null);
    onClose();
  };
  const invite = async () => {
    setBusy(true);
    setRefused(null);
    try {
      const { data } = await api.POST("/api/v1/invitations", { body: { email: email.trim(), role } });
      setMade(data ?? null);
      await client.invalidateQueries({ queryKey: ["get", "/api/v1/invitations"] });
    } catch (error) {
      setRefused(error instanceof ApiError ? error : new ApiError(0, "", "", "It did not work. Nobody was invited."));
    } finally {
      setBusy(false);
    }
  };
  if (made) {
    return (
      <FormDrawer opened={opened} onClose={close} title="Invited">
        <Alert color={made.email_sent ? "green" : "orange"} icon={made.email_sent ? <IconMailCheck size={18} /> : <IconMailX size={18} />} title={made.email_sent ? `An email is on its way to ${made.email}` : "The mail server did not take the email"}>
          {made.email_sent ? "Should it not arrive, pass this link on yourself." : `Pass this link on to ${made.email} yourself.`} It works once, for seven days, and makes them {roleName(made.role).toLowerCase()}.
        </Alert>
        <CopyField label="Link" value={made.url} />
      </FormDrawer>
    );
  }
  const onEmail = refused?.field?.endsWith("email");
  return (
    <FormDrawer opened={opened} onClose={close} title="Invite someone" action="Invite" busy={busy} refused={onEmail ? null : refused?.detail} onSubmit={() => void invite()}>
      <TextInput label="Email address" type="email" required value={email} error={onEmail ? refused?.detail : undefined} onChange={(event) => setEmail(event.currentTarget.value)} data-autofocus />
      <Radio.Group label="Role" value={role} onChange={(next) => setRole(next as Role)}>
        <Stack gap="sm" mt="xs">{givenBy(own as Role).map((one) => <Radio key={one.value} value={one.value} label={one.label} description={one.may} />)}</Stack>
      </Radio.Group>
      <Text size="sm" c="dimmed">They get a link by email. Who has no account yet makes one through it.</Text>
    </FormDrawer>
  );
}
