// Sends the email, as it is now, to people of the brand: to see it in a real inbox.
import { Button } from "@mantine/core";
import { IconSend } from "@tabler/icons-react";
import { useState } from "react";

import { query } from "@/api/client";
import { TestSendModal } from "@/screens/content/TestSendModal";

export function TestSend({ template }: { template: number }) {
  const [opened, setOpened] = useState(false);
  const found = query.useQuery("get", "/api/v1/templates/{template_id}", { params: { path: { template_id: template } } }, { staleTime: 10_000 });
  return (
    <>
      <Button variant="default" size="xs" leftSection={<IconSend size={14} aria-hidden />} onClick={() => setOpened(true)} disabled={!found.data}>Send a test</Button>
      {found.data && (
        <TestSendModal templateId={template} email={found.data} says="The email goes out as it is now." opened={opened} onClose={() => setOpened(false)} />
      )}
    </>
  );
}
