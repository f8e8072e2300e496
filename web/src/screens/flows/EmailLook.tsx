// A flow's email as one person would get it, about the event that started the flow for them.
import { Text } from "@mantine/core";

import { query } from "@/api/client";
import { PreviewedEmail } from "@/screens/content/PreviewedEmail";
import { Failed } from "@/ui/states";

interface Props {
  template: number | null | undefined;
  profile: number;
  event: Record<string, unknown>;
}

export function EmailLook({ template, profile, event }: Props) {
  const made = query.useQuery(
    "post",
    "/api/v1/templates/{template_id}/preview",
    { params: { path: { template_id: template ?? 0 } }, body: { profile_id: profile, event } },
    { enabled: Boolean(template), retry: false, staleTime: 30_000 },
  );
  if (!template) return <Text size="sm" c="dimmed">This email has no saved content yet. Choose it in the builder.</Text>;
  if (made.isError) return <Failed error={made.error} retry={() => void made.refetch()} />;
  return <PreviewedEmail preview={made.data} />;
}
