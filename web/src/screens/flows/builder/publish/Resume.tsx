// Making a paused flow live again: what becomes of what came due meanwhile.
import { Button, Group, Modal, Radio, Stack, Text } from "@mantine/core";
import { useState } from "react";

import { api, query } from "@/api/client";
import { tellDone, tellRefused } from "@/app/notices";
import { counted, people } from "@/ui/formats";
import { Failed } from "@/ui/states";

import type { FlowDetail } from "../builder";
import type { Editing } from "../saving";

type Overdue = "usual" | "send" | "skip" | "exit";

export function Resume({ detail, editing, onClose }: { detail: FlowDetail; editing: Editing; onClose: () => void }) {
  const path = { slug: detail.slug };
  const { data: due, error, refetch } = query.useQuery("get", "/api/v1/flows/{slug}/overdue", { params: { path } }, { staleTime: 0 });
  const retry = () => void refetch();
  const [choice, setChoice] = useState<Overdue>("usual");
  const [busy, setBusy] = useState(false);
  const some = due !== undefined && due.people + due.messages > 0;
  const go = async () => {
    setBusy(true);
    try {
      await api.POST("/api/v1/flows/{slug}/resume", { params: { path }, body: { overdue: choice === "usual" ? null : choice } });
      await editing.reload();
      tellDone(`${detail.name} is live again.`);
      onClose();
    } catch (error) {
      tellRefused(error);
      setBusy(false);
    }
  };
  return (
    <Modal opened onClose={onClose} title={`Resume ${detail.name}`} closeButtonProps={{ "aria-label": "Close" }}>
      <Stack>
        {error && <Failed error={error} retry={retry} />}
        {due && !some && <Text size="sm">Nothing came due while it was paused. {people(detail.waiting)} {detail.waiting === 1 ? "waits" : "wait"} on as before, and new people come in again.</Text>}
        {due && some && (
          <>
            <Text size="sm">While it was paused, the step of {people(due.people)} came due, and {counted(due.messages, "email")} planned before {due.messages === 1 ? "has" : "have"} not gone.</Text>
            <Radio.Group label="What becomes of them" value={choice} onChange={(next) => setChoice(next as Overdue)}>
              <Stack gap="xs" mt="xs">
                <Radio value="usual" label="Send what is at most a day late" description="Emails more than 24 hours late are skipped; the people go on." />
                <Radio value="send" label="Send everything now" description="However late it is." />
                <Radio value="skip" label="Skip the emails" description="The people go on to what comes after." />
                <Radio value="exit" label="Leave the flow" description={`${people(due.people)} go no further.`} />
              </Stack>
            </Radio.Group>
          </>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>Not now</Button>
          <Button loading={busy} disabled={!due} onClick={() => void go()}>Resume flow</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
