// An email as its line in an inbox: subject, then the preview text, or what the body begins with where there is none.
import { Stack, Text } from "@mantine/core";

import type { Preview } from "./email";

const MOST = 140;

export function InboxLine({ preview }: { preview: Pick<Preview, "subject" | "preview_text" | "text"> }) {
  const own = preview.preview_text.trim();
  const beside = own || preview.text.replaceAll(/\s+/g, " ").trim().slice(0, MOST);
  return (
    <Stack gap={0} miw={0}>
      <Text size="sm" fw={600} truncate>{preview.subject || "No subject"}</Text>
      <Text size="sm" c="dimmed" truncate title={own ? undefined : "There is no preview text, so inboxes show how the email begins."}>
        {beside || "Nothing to show beside the subject"}
      </Text>
    </Stack>
  );
}
