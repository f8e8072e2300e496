// A flow's email as one person would get it, about the event that started the flow for them.
import { Box, Group, Skeleton, Stack, Text } from "@mantine/core";
import { useState } from "react";

import { query } from "@/api/client";
import { type Device, EmailFrame } from "@/screens/content/EmailFrame";
import { InboxLine } from "@/screens/content/InboxLine";
import { DeviceSwitch } from "@/screens/content/TemplatePreview";
import { Failed } from "@/ui/states";

import classes from "./recipes/recipes.module.css";

interface Props {
  template: number | null | undefined;
  profile: number;
  event: Record<string, unknown>;
}

export function EmailLook({ template, profile, event }: Props) {
  const [device, setDevice] = useState<Device>("desktop");
  const made = query.useQuery(
    "post",
    "/api/v1/templates/{template_id}/preview",
    { params: { path: { template_id: template ?? 0 } }, body: { profile_id: profile, event } },
    { enabled: Boolean(template), retry: false, staleTime: 30_000 },
  );
  if (!template) return <Text size="sm" c="dimmed">This email has no saved content yet. Choose it in the builder.</Text>;
  if (made.isError) return <Failed error={made.error} retry={() => void made.refetch()} />;
  return (
    <Stack gap="sm">
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        {made.data ? <InboxLine preview={made.data} /> : <Skeleton height={36} />}
        <Box style={{ flexShrink: 0 }}><DeviceSwitch value={device} onChange={setDevice} /></Box>
      </Group>
      <div className={classes.frame}>{made.data ? <EmailFrame html={made.data.html} device={device} title="The email" /> : <Skeleton h="100%" />}</div>
    </Stack>
  );
}
