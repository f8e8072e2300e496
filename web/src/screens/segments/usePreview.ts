// How many people a definition has while it is edited: an estimate at once, then the exact count.
import { keepPreviousData } from "@tanstack/react-query";
import { useDebouncedValue } from "@mantine/hooks";

import { query } from "@/api/client";
import type { components } from "@/api/schema";
import type { Tree } from "@/conditions";

export interface Preview {
  found: components["schemas"]["SegmentPreview"] | undefined;
  /** What is shown is of an earlier definition, or the exact count is still on its way. */
  counting: boolean;
  /** The definition cannot be asked yet: something is to be filled in. */
  open: boolean;
  error: unknown;
}

const SETTINGS = { retry: false, staleTime: 20_000, gcTime: 60_000, placeholderData: keepPreviousData } as const;

export function usePreview(definition: Tree, open: boolean): Preview {
  const [asked, unrested] = [useDebouncedValue(definition, 350)[0], open];
  const rested = asked === definition;
  const enabled = !unrested && rested;
  const estimate = query.useQuery("post", "/api/v1/segments/preview", { body: { definition: asked, exact: false } }, { ...SETTINGS, enabled });
  const estimated = enabled && estimate.isSuccess && !estimate.isPlaceholderData;
  const wanted = estimated && !estimate.data.exact;
  const exact = query.useQuery("post", "/api/v1/segments/preview", { body: { definition: asked, exact: true } }, { ...SETTINGS, placeholderData: undefined, enabled: wanted });
  return {
    found: (wanted ? exact.data : undefined) ?? estimate.data,
    counting: !rested || estimate.isFetching || (wanted && exact.isFetching),
    open,
    error: enabled ? (estimate.error ?? exact.error) : null,
  };
}
