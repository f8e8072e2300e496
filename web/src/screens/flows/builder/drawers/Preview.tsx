// The email of a step: its subject and preview text as an inbox shows them, and the whole of it when asked for.
import { Paper, Skeleton, Text } from "@mantine/core";

import { query } from "@/api/client";
import { TemplatePreview } from "@/screens/content/TemplatePreview";

import { subjectWords } from "../subjectWords";

export function Preview({ template, opened }: { template: number; opened: boolean }) {
  const { data, error } = query.useQuery("get", "/api/v1/templates/{template_id}", { params: { path: { template_id: template } } }, { staleTime: 30_000, retry: false });
  if (error) return <Text size="sm" c="var(--mantine-color-red-light-color)">This email is not there any more. Choose another one.</Text>;
  if (!data) return <Skeleton height={58} />;
  return (
    <>
      <Paper withBorder px="sm" py="xs">
        <Text size="sm" fw={600} truncate title={data.subject}>{subjectWords(data.subject) || "No subject yet"}</Text>
        <Text size="sm" c="dimmed" truncate title={data.preview_text}>{subjectWords(data.preview_text) || "No preview text: inboxes show how the email begins."}</Text>
      </Paper>
      {opened && <TemplatePreview templateId={template} height={420} device="phone" bare />}
    </>
  );
}
