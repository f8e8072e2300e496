// Before a flow goes on: what becomes of what came due while it was paused.
import { Radio, Stack, Text } from "@mantine/core";
import { useState } from "react";

import { query } from "@/api/client";
import { ConfirmModal } from "@/ui/confirm";
import { counted, people } from "@/ui/formats";
import { Failed, LoadingRows } from "@/ui/states";

import type { Overdue } from "./acts";

interface Props {
  flow: { slug: string; name: string; waiting: number };
  opened: boolean;
  onClose: () => void;
  onResume: (overdue: Overdue | null) => Promise<unknown>;
}

const CHOICES = [
  { value: "usual", label: "As usual", description: "Emails that are more than 24 hours late are skipped, the others go now." },
  { value: "send", label: "Send it now", description: "All of it goes now, however late it is." },
  { value: "skip", label: "Skip it", description: "None of it goes; the people go on to what comes next." },
  { value: "exit", label: "Let these people leave", description: "None of it goes, and they leave the flow." },
] as const;

export function ResumeQuestion({ flow, opened, onClose, onResume }: Props) {
  const [choice, setChoice] = useState<string>("usual");
  const found = query.useQuery("get", "/api/v1/flows/{slug}/overdue", { params: { path: { slug: flow.slug } } }, { enabled: opened, staleTime: 0 });
  const late = found.data;
  const some = late && late.people + late.messages > 0;
  const go = () => onResume(some && choice !== "usual" ? (choice as Overdue) : null);
  return (
    <ConfirmModal opened={opened} onClose={onClose} title={`Resume “${flow.name}”?`} action="Resume flow" onConfirm={go}>
      {found.isError ? <Failed error={found.error} retry={() => void found.refetch()} /> : !late ? <LoadingRows rows={2} height={18} /> : !some ? (
        <>Nothing came due while it was paused. {flow.waiting > 0 && `${people(flow.waiting)} inside ${flow.waiting === 1 ? "goes" : "go"} on from where they are.`}</>
      ) : (
        <Stack gap="sm">
          <Text size="sm" component="p" m={0}>
            While it was paused, the step of {people(late.people)} came due, and {counted(late.messages, "email")} that {late.messages === 1 ? "was" : "were"} planned before did not go.
          </Text>
          <Radio.Group value={choice} onChange={setChoice} label="What becomes of it?">
            <Stack gap="xs" mt="xs">
              {CHOICES.map((one) => <Radio key={one.value} {...one} />)}
            </Stack>
          </Radio.Group>
        </Stack>
      )}
    </ConfirmModal>
  );
}
