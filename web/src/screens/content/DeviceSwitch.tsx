// Between an email on a desktop and on a phone.
import { SegmentedControl, VisuallyHidden } from "@mantine/core";
import { IconDeviceDesktop, IconDeviceMobile } from "@tabler/icons-react";

import type { Device } from "./EmailFrame";

export function DeviceSwitch({ value, onChange }: { value: Device; onChange: (device: Device) => void }) {
  return (
    <SegmentedControl
      size="xs"
      aria-label="Shown on"
      style={{ flexShrink: 0 }}
      value={value}
      onChange={(one) => onChange(one as Device)}
      data={[
        { value: "desktop", label: <><IconDeviceDesktop size={16} aria-hidden /><VisuallyHidden>Desktop</VisuallyHidden></> },
        { value: "phone", label: <><IconDeviceMobile size={16} aria-hidden /><VisuallyHidden>Phone</VisuallyHidden></> },
      ]}
    />
  );
}
