// An email as an inbox lists it and as it opens, on a desktop or a phone; its place is kept while it is made.
import { Group, Skeleton, Stack } from "@mantine/core";
import { type ReactNode, useState } from "react";

import { DeviceSwitch } from "./DeviceSwitch";
import type { Preview } from "./email";
import { type Device, EmailFrame } from "./EmailFrame";
import { InboxLine } from "./InboxLine";
import classes from "./PreviewedEmail.module.css";

interface Props {
  preview: Preview | undefined;
  height?: number | string;
  /** What it is shown on at first. */
  device?: Device;
  /** The page alone, without the inbox line and the switch between devices. */
  bare?: boolean;
  /** What can be done with it, beside the switch. */
  action?: ReactNode;
}

export function PreviewedEmail({ preview, height = 520, device = "desktop", bare = false, action }: Props) {
  const [chosen, setChosen] = useState<Device>(device);
  return (
    <Stack gap="sm">
      {!bare && (
        <Group justify="space-between" align="flex-start" gap="xs">
          <div className={classes.line}>{preview ? <InboxLine preview={preview} /> : <Skeleton height={36} />}</div>
          <Group gap="xs" wrap="nowrap">
            <DeviceSwitch value={chosen} onChange={setChosen} />
            {action}
          </Group>
        </Group>
      )}
      <div className={classes.page} style={{ height }}>{preview ? <EmailFrame html={preview.html} device={chosen} title="The email" /> : <Skeleton h="100%" />}</div>
    </Stack>
  );
}
