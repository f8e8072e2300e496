// The versions of an email, the newest first: looked at side by side with nothing lost, and taken back.
import { Badge, Button, Drawer, Group, Paper, Stack, Text, UnstyledButton } from "@mantine/core";
import { useState } from "react";

import { api, query } from "@/api/client";
import { useMay } from "@/app/session";
import { ConfirmModal } from "@/ui/confirm";
import { Moment } from "@/ui/Moment";
import { Failed, LoadingRows } from "@/ui/states";

import type { WholeTemplate } from "../email";
import { TemplatePreview } from "../TemplatePreview";
import { takesWhatIsSaved } from "../uses";

interface Props {
  template: WholeTemplate;
  opened: boolean;
  onClose: () => void;
  unsaved: boolean;
  onRestored: (template: WholeTemplate) => void;
}

export function VersionsDrawer({ template, opened, onClose, unsaved, onRestored }: Props) {
  return (
    <Drawer opened={opened} onClose={onClose} title="Versions" size="min(900px, 100%)" closeButtonProps={{ "aria-label": "Close" }}>
      {opened && <Versions template={template} unsaved={unsaved} onRestored={onRestored} />}
    </Drawer>
  );
}

function Versions({ template, unsaved, onRestored }: Pick<Props, "template" | "unsaved" | "onRestored">) {
  const [chosen, setChosen] = useState(template.current_version);
  const [asking, setAsking] = useState(false);
  const may = useMay("marketer");
  const { data: listed, error, refetch } = query.useQuery("get", "/api/v1/templates/{template_id}/versions", { params: { path: { template_id: template.id }, query: { limit: 200 } } });
  const again = () => void refetch();
  const restore = async () => {
    const path = { template_id: template.id, version_id: chosen! };
    onRestored((await api.POST("/api/v1/templates/{template_id}/versions/{version_id}/restore", { params: { path } })).data!);
  };
  if (error) return <Failed error={error} retry={again} />;
  if (!listed) return <LoadingRows rows={5} />;
  return (
    <Group align="flex-start" gap="lg" wrap="wrap">
      <Stack gap={6} w={{ base: "100%", sm: 280 }} mah={{ sm: "78vh" }} style={{ overflow: "auto" }}>
        {listed.data.map((one) => (
          <UnstyledButton key={one.id} onClick={() => setChosen(one.id)} aria-pressed={one.id === chosen}>
            <Paper withBorder p="sm" bg={one.id === chosen ? "var(--mantine-color-water-light)" : undefined}>
              <Group justify="space-between" gap="xs" wrap="nowrap">
                <Text size="sm" fw={600}><Moment at={one.created_at} /></Text>
                {one.id === template.current_version && <Badge color="green">Current</Badge>}
              </Group>
              <Text size="xs" c="dimmed" lineClamp={2}>{one.subject}</Text>
            </Paper>
          </UnstyledButton>
        ))}
        {listed.next && <Text size="xs" c="dimmed">Older ones are kept too; only the newest 200 are listed.</Text>}
      </Stack>
      <Stack style={{ flex: 1, minWidth: 280 }} gap="sm">
        {chosen !== null && <TemplatePreview templateId={template.id} versionId={chosen} height="62vh" />}
        {may && chosen !== null && chosen !== template.current_version && (
          <Group justify="flex-end"><Button onClick={() => setAsking(true)}>Make this the current version</Button></Group>
        )}
      </Stack>
      <ConfirmModal opened={asking} onClose={() => setAsking(false)} title="Make this the current version?" action="Make it current" onConfirm={restore}>
        From now on this version goes out{template.used_by.some(takesWhatIsSaved) ? " with the next email of what uses it" : ""}. The other versions stay, so you can come back.
        {unsaved && " What you have not saved is thrown away."}
      </ConfirmModal>
    </Group>
  );
}
