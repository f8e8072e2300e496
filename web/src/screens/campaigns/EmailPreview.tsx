// The email of a campaign: whom it comes from, how it looks, and a test of it.
import { Paper, Text } from "@mantine/core";

import { query } from "@/api/client";
import { useMay } from "@/app/session";
import { TemplatePreview } from "@/screens/content/TemplatePreview";
import { size } from "@/ui/formats";

import { TestSend } from "./TestSend";

interface Props {
  template: number;
  /** A frozen version; without it the one that would be sent now. */
  version?: number | null;
}

export function EmailPreview({ template, version = null }: Props) {
  const mayChange = useMay("marketer");
  const sender = query.useQuery("get", "/api/v1/brand", {}, { staleTime: 60_000 });
  return (
    <Paper withBorder component="section" aria-label="The email" p="md">
      <Text size="xs" c="dimmed" truncate mb={2}>{sender.data ? `${sender.data.from_name} <${sender.data.from_email || "no sender address yet"}>` : " "}</Text>
      <TemplatePreview templateId={template} versionId={version} height={600} action={mayChange && version === null && <TestSend template={template} />}>
        {(shown) => (
          <Text size="xs" c="dimmed" mt="xs">
            {size(shown.size_bytes)}, as a person of whom nothing is known.{shown.missing.length > 0 && " What comes from the person is empty here; it is filled in for each recipient."}
          </Text>
        )}
      </TemplatePreview>
    </Paper>
  );
}
