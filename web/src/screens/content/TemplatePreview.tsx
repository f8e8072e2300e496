// A saved email as one person would get it: for wherever an email is chosen or looked over.
import { keepPreviousData } from "@tanstack/react-query";
import type { ReactNode } from "react";

import { query } from "@/api/client";
import { Failed } from "@/ui/states";

import type { AsWhom, Preview } from "./email";
import type { Device } from "./EmailFrame";
import { PreviewedEmail } from "./PreviewedEmail";

interface Props extends AsWhom {
  templateId: number;
  /** Without it the current version. */
  versionId?: number | null;
  height?: number | string;
  device?: Device;
  /** Without the inbox line and the switch between devices. */
  bare?: boolean;
  action?: ReactNode;
  /** What stands below it. */
  children?: (preview: Preview) => ReactNode;
}

export function TemplatePreview({ templateId, versionId, height = 480, device, bare, action, children, profile_id, event_id }: Props) {
  const made = query.useQuery(
    "post",
    "/api/v1/templates/{template_id}/preview",
    {
      params: { path: { template_id: templateId } },
      body: { version_id: versionId ?? null, profile_id: profile_id ?? null, event_id: event_id ?? null },
    },
    { retry: false, staleTime: 10_000, placeholderData: keepPreviousData },
  );
  if (made.isError) return <Failed error={made.error} retry={() => void made.refetch()} />;
  return (
    <>
      <PreviewedEmail preview={made.data} height={height} device={device} bare={bare} action={action} />
      {made.data && children?.(made.data)}
    </>
  );
}
