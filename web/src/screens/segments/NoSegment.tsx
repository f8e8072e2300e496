// A segment that could not be shown: why, and the way back.
import { useInBrand } from "@/app/places";
import { PageHeader } from "@/ui/PageHeader";
import { Failed } from "@/ui/states";

export function NoSegment({ error, retry }: { error: unknown; retry: () => void }) {
  const inBrand = useInBrand();
  return (
    <>
      <PageHeader title="Segment" trail={[{ label: "Segments", to: inBrand("/segments") }]} />
      <Failed error={error} retry={retry} />
    </>
  );
}
