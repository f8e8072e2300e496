// What goes live with the first version of a flow: what starts it, how much there is, and each of its emails.
import { Group, Stack, Text, UnstyledButton } from "@mantine/core";

import { counted } from "@/ui/formats";
import { StatusBadge } from "@/ui/StatusBadge";

import { emailsOf, everyStep } from "../branches";
import { useBuilder } from "../builder";
import { useSubject } from "../subject";
import type { Email } from "../steps";
import { Said } from "../Said";
import { triggerWords } from "../words";

export function FirstTime({ show }: { show: (step: string) => void }) {
  const { flow } = useBuilder();
  const steps = [...everyStep(flow.steps)];
  const emails = steps.flatMap((step) => emailsOf(step).map((email) => ({ email, step: step.id })));
  const { title, line } = triggerWords(flow.trigger);
  return (
    <Stack gap="xs">
      <Text size="sm">Started by <Text span inherit fw={600}><Said words={title} /></Text>{line && <> (<Said words={line} />)</>}. {counted(steps.length, "step")}, {counted(emails.length, "email")}.</Text>
      {emails.map(({ email, step }) => <Line key={email.id} email={email} show={() => show(step)} />)}
    </Stack>
  );
}

function Line({ email, show }: { email: Email; show: () => void }) {
  const subject = useSubject(email);
  return (
    <UnstyledButton onClick={show}>
      <Group justify="space-between" wrap="nowrap">
        <div style={{ minWidth: 0 }}>
          <Text size="sm" fw={550} truncate>{email.name || email.email}</Text>
          <Text size="xs" c="dimmed" truncate>{subject ?? email.email}</Text>
        </div>
        <StatusBadge status={email.status ?? "live"} />
      </Group>
    </UnstyledButton>
  );
}
