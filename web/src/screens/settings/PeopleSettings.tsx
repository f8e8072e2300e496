// The people of the brand, their roles, and those who are invited.
import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconUserPlus } from "@tabler/icons-react";

import { useMay } from "@/app/session";
import { PageHeader } from "@/ui/PageHeader";

import { InviteDrawer } from "./InviteDrawer";
import { InvitationsTable } from "./InvitationsTable";
import { MembersTable } from "./MembersTable";

export function PeopleSettings() {
  const admin = useMay("admin");
  const [opened, { open, close }] = useDisclosure(false);
  return (
    <>
      <PageHeader
        title="People"
        description="Who works in this brand, and what they may do."
        actions={admin && <Button leftSection={<IconUserPlus size={17} aria-hidden />} onClick={open}>Invite someone</Button>}
      />
      <MembersTable />
      {admin && <InvitationsTable />}
      {admin && <InviteDrawer opened={opened} onClose={close} />}
    </>
  );
}
