// A test of an email, to people of the brand: sent like any other email, and told of until it is there.
import { Alert, Button, Group, Modal, MultiSelect, Stack, Text } from "@mantine/core";
import { useQueries } from "@tanstack/react-query";
import { useState } from "react";

import { api, ApiError, query } from "@/api/client";
import { useBrand, useMe } from "@/app/session";
import { StatusBadge } from "@/ui/StatusBadge";

import type { AsWhom, Content } from "./email";

interface Props {
  templateId: number;
  email: { content: Content; transactional: boolean };
  /** Which state of the email it is. */
  says: string;
  as?: AsWhom;
  opened: boolean;
  onClose: () => void;
}

interface Sent {
  email: string;
  message_id: number;
}

const MOST = 10;
const OPEN = new Set(["planned", "claimed"]);

export function TestSendModal(props: Props) {
  return (
    <Modal opened={props.opened} onClose={props.onClose} title="Send a test" closeButtonProps={{ "aria-label": "Close" }}>
      {props.opened && <TestSend {...props} />}
    </Modal>
  );
}

function TestSend({ templateId, email, says, as = {}, onClose }: Props) {
  const me = useMe().user.email;
  const members = query.useQuery("get", "/api/v1/members");
  const [to, setTo] = useState<string[]>([me]);
  const [sent, setSent] = useState<Sent[]>([]);
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState("");
  const send = async () => {
    setBusy(true);
    setRefused("");
    try {
      const body = { content: email.content, transactional: email.transactional, to, profile_id: as.profile_id ?? null, event_id: as.event_id ?? null };
      const answer = await api.POST("/api/v1/templates/{template_id}/test-send", { params: { path: { template_id: templateId } }, body });
      setSent(answer.data!.messages);
    } catch (error) {
      setRefused(error instanceof ApiError ? error.detail : "It was not sent. Try again.");
    } finally {
      setBusy(false);
    }
  };
  const addresses = [...new Set([me, ...(members.data ?? []).map((one) => one.email)])];
  return (
    <Stack>
      <Text size="sm" c="dimmed">
        {says} Coupons show a sample code; nobody else gets anything.
      </Text>
      <MultiSelect label="To people of this brand" data={addresses} value={to} onChange={setTo} searchable maxValues={MOST} hidePickedOptions error={to.length === 0 ? "Choose at least one." : undefined} />
      {refused && <Alert color="red" role="alert">{refused}</Alert>}
      {sent.length > 0 && <Sending sent={sent} />}
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>{sent.length > 0 ? "Close" : "Cancel"}</Button>
        <Button onClick={send} loading={busy} disabled={to.length === 0}>{sent.length > 0 ? "Send again" : "Send test"}</Button>
      </Group>
    </Stack>
  );
}

/** What becomes of each, asked until it is over. */
function Sending({ sent }: { sent: Sent[] }) {
  const { slug } = useBrand();
  const found = useQueries({
    queries: sent.map(({ message_id }) => ({
      queryKey: ["test-message", slug, message_id],
      queryFn: async () => (await api.GET("/api/v1/messages/{message_id}", { params: { path: { message_id } } })).data!,
      refetchInterval: ({ state }: { state: { data?: { state: string } } }) => (!state.data || OPEN.has(state.data.state) ? 1000 : false) as number | false,
    })),
  });
  return (
    <Stack gap={6} aria-live="polite">
      {sent.map((one, index) => {
        const message = found[index]?.data;
        return (
          <Group key={one.message_id} justify="space-between" wrap="nowrap">
            <Text size="sm" truncate>{one.email}</Text>
            <Group gap="xs" wrap="nowrap">
              {message?.reason_title && <Text size="xs" c="dimmed">{message.reason_title}</Text>}
              <StatusBadge status={message?.state ?? "planned"} label={message && !OPEN.has(message.state) ? undefined : "On its way"} />
            </Group>
          </Group>
        );
      })}
    </Stack>
  );
}
