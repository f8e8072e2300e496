// Emails that are drafts are skipped: said before the flow goes live, because it is easily overlooked, and put right here.
import { Alert, Button, Group, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";

import { emailsOf, everyStep } from "../branches";
import { useBuilder } from "../builder";
import { withEmailsLive } from "../document";

export function Drafts({ changed }: { changed: () => void }) {
  const { flow, edit } = useBuilder();
  const drafts = [...everyStep(flow.steps)].flatMap(emailsOf).filter((email) => email.status === "draft");
  if (drafts.length === 0) return null;
  const one = drafts.length === 1;
  const setLive = () => {
    edit(withEmailsLive(flow));
    changed();
  };
  return (
    <Alert color="yellow" py="xs" icon={<IconAlertTriangle />} title={one ? "One email is a draft" : `${drafts.length} emails are drafts`}>
      <Text size="sm">{drafts.map((email) => email.name || email.email || email.id).join(", ")}: not sent; people go on to the next step.</Text>
      <Group mt="xs"><Button size="xs" variant="default" onClick={setLive}>{one ? "Set it live" : "Set them live"}</Button></Group>
    </Alert>
  );
}
