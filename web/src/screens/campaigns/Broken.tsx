// A campaign or a series that cannot be shown: what it is, why, and the way back.
import { useInBrand } from "@/app/places";
import { PageHeader } from "@/ui/PageHeader";
import { Failed } from "@/ui/states";

export function Broken({ what, error, retry }: { what: string; error: unknown; retry: () => void }) {
  const inBrand = useInBrand();
  return (
    <>
      <PageHeader title={what} trail={[{ label: "Campaigns", to: inBrand("/campaigns") }]} />
      <Failed error={error} retry={retry} />
    </>
  );
}
