// What nobody needs in order to read the page comes when the page is there.
import { type ReactNode, Suspense, useEffect, useState } from "react";

/** Milliseconds after which it comes in any case. */
const AT_LATEST = 1500;

interface Props {
  children: ReactNode;
  /** What stands in its place until then. */
  until?: ReactNode;
}

export function Afterwards({ children, until = null }: Props) {
  return useIdle() ? <Suspense fallback={until}>{children}</Suspense> : until;
}

/** False at first; true once the browser has nothing better to do. */
function useIdle(): boolean {
  const [idle, setIdle] = useState(false);
  useEffect(() => {
    // Safari knows no idle moments.
    if (typeof requestIdleCallback === "undefined") {
      const timer = setTimeout(() => setIdle(true), AT_LATEST / 3);
      return () => clearTimeout(timer);
    }
    const asked = requestIdleCallback(() => setIdle(true), { timeout: AT_LATEST });
    return () => cancelIdleCallback(asked);
  }, []);
  return idle;
}
