// Sends the email, as it is now, to people of the brand: to see it in a real inbox.
import { Button, TagsInput, Text } from "@mantine/core";
import { IconSend } from "@tabler/icons-react";
import { useState } from "react";

import { api, ApiError } from "@/api/client";
import { tellDone } from "@/app/notices";
import { useMe } from "@/app/session";
import { FormDrawer } from "@/ui/FormDrawer";

export function TestSend({ template }: { template: number }) {
  const { user } = useMe();
  const [opened, setOpened] = useState(false);
  const [to, setTo] = useState<string[]>([user.email]);
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<string | null>(null);

  const send = async () => {
    setBusy(true);
    setRefused(null);
    const params = { path: { template_id: template } };
    try {
      const { data } = await api.GET("/api/v1/templates/{template_id}", { params });
      if (!data) return;
      const sent = await api.POST("/api/v1/templates/{template_id}/test-send", { params, body: { to, content: data.content, transactional: data.transactional } });
      tellDone(`On its way to ${sent.data?.messages.map((one) => one.email).join(", ") ?? to.join(", ")}.`);
      setOpened(false);
    } catch (error) {
      setRefused(error instanceof ApiError ? error.detail : "It could not be sent. Try again.");
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <Button variant="default" size="xs" leftSection={<IconSend size={14} aria-hidden />} onClick={() => setOpened(true)} style={{ flexShrink: 0 }}>Send a test</Button>
      <FormDrawer opened={opened} onClose={() => setOpened(false)} title="Send a test" action="Send test" busy={busy} refused={refused} onSubmit={() => void send()}>
        <Text size="sm" c="dimmed">The email as it is now goes to these people of the brand at once. A test counts for nothing: no opens, no clicks, no smart sending.</Text>
        <TagsInput label="To" description="Enter or a comma ends an address." value={to} onChange={setTo} splitChars={[",", " ", ";"]} acceptValueOnBlur maxTags={10} data-autofocus />
      </FormDrawer>
    </>
  );
}
