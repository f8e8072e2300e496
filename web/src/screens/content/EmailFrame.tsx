// An email's page in a frame of its own, as wide as a desktop or a phone shows it; nothing in it runs or leads anywhere.
import { useElementSize } from "@mantine/hooks";
import { useMemo } from "react";

import classes from "./EmailFrame.module.css";
import { harmless, type Scheme } from "./foreign";

export type Device = "desktop" | "phone";

const WIDTH: Record<Device, number> = { desktop: 680, phone: 390 };

interface Props {
  html: string;
  device?: Device;
  scheme?: Scheme;
  /** What it shows, for those who cannot see it. */
  title: string;
}

export function EmailFrame({ html, device = "desktop", scheme = "light", title }: Props) {
  const { ref, width, height } = useElementSize();
  const page = useMemo(() => harmless(html, scheme), [html, scheme]);
  // A pane narrower than the email shows it smaller instead of squeezing it into another layout.
  const shown = device === "desktop" ? Math.max(WIDTH.desktop, width) : WIDTH.phone;
  const scale = width > 0 ? Math.min(1, width / shown) : 1;
  return (
    <div ref={ref} className={classes.stage} data-device={device}>
      {height > 0 && (
        <iframe
          title={title}
          sandbox=""
          srcDoc={page}
          className={classes.frame}
          style={{ width: shown, height: height / scale, transform: scale < 1 ? `scale(${scale})` : undefined }}
        />
      )}
    </div>
  );
}
