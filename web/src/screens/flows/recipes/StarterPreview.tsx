// An email of a recipe as it would look before anything of it is changed.
import { Alert, Group, Skeleton, Stack } from "@mantine/core";
import { useState } from "react";

import { query } from "@/api/client";
import { usePreview } from "@/screens/content/email";
import { type Device, EmailFrame } from "@/screens/content/EmailFrame";
import { InboxLine } from "@/screens/content/InboxLine";
import { DeviceSwitch } from "@/screens/content/TemplatePreview";
import { Failed } from "@/ui/states";

import classes from "./recipes.module.css";

export function StarterPreview({ starter }: { starter: string }) {
  const [device, setDevice] = useState<Device>("desktop");
  const content = query.useQuery("get", "/api/v1/content/starters/{slug}", { params: { path: { slug: starter } } }, { staleTime: Infinity });
  const made = usePreview(content.data, {});
  if (content.isError) return <Failed error={content.error} retry={() => void content.refetch()} />;
  if (made.isError) return <Failed error={made.error} retry={() => void made.refetch()} />;
  const shown = made.data?.preview;
  const wrong = made.data && !shown ? made.data.problems.find((one) => one.level === "error") : undefined;
  if (wrong) return <Alert color="yellow" title="No preview">{wrong.message}</Alert>;
  return (
    <Stack gap="sm">
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        {shown ? <InboxLine preview={shown} /> : <Skeleton height={36} />}
        <DeviceSwitch value={device} onChange={setDevice} />
      </Group>
      <div className={classes.frame}>{shown ? <EmailFrame html={shown.html} device={device} title="The email" /> : <Skeleton h="100%" />}</div>
    </Stack>
  );
}
