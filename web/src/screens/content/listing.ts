// A list whose parts are asked of the API one after another: the cursors of those before lie in the address.
import { useAddress } from "@/app/address";
import type { Paging } from "@/ui/DataTable";
import { count } from "@/ui/formats";

export const PART = 50;

/** Where the list stands, and its paging. `page` holds the cursors of the parts behind this one, the last is this one's. */
export function useParts(): { cursor: string | undefined; paging: (found: { data: unknown[]; next?: string | null } | undefined) => Paging } {
  const [{ page }, setAddress] = useAddress<{ page?: string }>();
  const behind = page ? page.split("~") : [];
  const paging = (found: { data: unknown[]; next?: string | null } | undefined): Paging => {
    const first = behind.length * PART + 1;
    const last = behind.length * PART + (found?.data.length ?? 0);
    const next = found?.next;
    return {
      label: last < first ? "" : `${count(first)}–${count(last)}${next ? "" : ` of ${count(last)}`}`,
      onPrevious: behind.length > 0 ? () => setAddress({ page: behind.slice(0, -1).join("~") || undefined }) : undefined,
      onNext: next ? () => setAddress({ page: [...behind, encodeURIComponent(next)].join("~") }) : undefined,
    };
  };
  const last = behind.at(-1);
  return { cursor: last === undefined ? undefined : decodeURIComponent(last), paging };
}
