// A saved email as one person would get it: for wherever an email is chosen or looked over.
import { Center, Group, SegmentedControl, Skeleton, Stack, Text, VisuallyHidden } from "@mantine/core";
import { IconDeviceDesktop, IconDeviceMobile } from "@tabler/icons-react";
import { useState } from "react";

import { query } from "@/api/client";
import { Failed } from "@/ui/states";

import type { AsWhom } from "./email";
import { type Device, EmailFrame } from "./EmailFrame";
import { InboxLine } from "./InboxLine";

interface Props extends AsWhom {
  templateId: number;
  /** Without it the current version. */
  versionId?: number;
  height?: number | string;
  device?: Device;
  /** Without the inbox line and the switch between devices. */
  bare?: boolean;
}

export function TemplatePreview({ templateId, versionId, height = 480, device, bare, profile_id, event_id }: Props) {
  const [chosen, setChosen] = useState<Device>(device ?? "desktop");
  const { data: shown, error, refetch } = query.useQuery(
    "post",
    "/api/v1/templates/{template_id}/preview",
    {
      params: { path: { template_id: templateId } },
      body: { version_id: versionId ?? null, profile_id: profile_id ?? null, event_id: event_id ?? null },
    },
    { retry: false, staleTime: 30_000 },
  );
  const again = () => void refetch();
  if (error) return <Failed error={error} retry={again} />;
  return (
    <Stack gap="sm">
      {!bare && (
        <Group justify="space-between" wrap="nowrap" align="flex-start">
          {shown ? <InboxLine preview={shown} /> : <Skeleton height={36} />}
          <DeviceSwitch value={chosen} onChange={setChosen} />
        </Group>
      )}
      <div style={{ height, border: "1px solid var(--hw-line)", borderRadius: "var(--mantine-radius-md)", overflow: "hidden" }}>
        {shown ? (
          <EmailFrame html={shown.html} device={chosen} title="The email" />
        ) : (
          <Center h="100%"><Text size="sm" c="dimmed">Making the preview…</Text></Center>
        )}
      </div>
    </Stack>
  );
}

export function DeviceSwitch({ value, onChange }: { value: Device; onChange: (device: Device) => void }) {
  return (
    <SegmentedControl
      size="xs"
      aria-label="Shown on"
      value={value}
      onChange={(one) => onChange(one as Device)}
      data={[
        { value: "desktop", label: <><IconDeviceDesktop size={16} aria-hidden /><VisuallyHidden>Desktop</VisuallyHidden></> },
        { value: "phone", label: <><IconDeviceMobile size={16} aria-hidden /><VisuallyHidden>Phone</VisuallyHidden></> },
      ]}
    />
  );
}
