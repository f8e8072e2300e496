// A file of people from the upload to the result. Each step is kept by the server, so one can leave and come back.
import { Stepper } from "@mantine/core";
import { useParams } from "@tanstack/react-router";

import { ApiError, query } from "@/api/client";
import { useAddress } from "@/app/address";
import { useInBrand } from "@/app/places";
import { useMay } from "@/app/session";
import { PageHeader } from "@/ui/PageHeader";
import { Failed, LoadingPage } from "@/ui/states";

import { Progress } from "./imports/Progress";
import { Setup, STEPS } from "./imports/Setup";
import { UploadStep } from "./imports/UploadStep";

const LABELS = ["Upload", "Columns", "List and consent", "Review", "Import"];

export function ImportWizard() {
  const params = useParams({ strict: false }) as { import?: string };
  const id = Number(params.import) || 0;
  const inBrand = useInBrand();
  const mayChange = useMay("marketer");
  const [{ step }] = useAddress();
  const found = query.useQuery("get", "/api/v1/imports/{import_id}", { params: { path: { import_id: id } } }, {
    enabled: id > 0,
    retry: false,
    refetchInterval: (asked) => (asked.state.data?.state === "running" ? 1000 : false),
  });
  if (id > 0 && found.isError) {
    return (
      <>
        <PageHeader title="Import" trail={[{ label: "Imports", to: inBrand("/imports") }]} />
        <Failed error={found.error} retry={() => found.refetch()} />
      </>
    );
  }
  if (id > 0 && !found.data) return <LoadingPage />;
  const draft = found.data?.state === "draft";
  const active = !found.data ? 0 : draft ? 1 + Math.max(0, STEPS.indexOf(step as (typeof STEPS)[number])) : found.data.state === "running" ? 4 : 5;
  return (
    <>
      <PageHeader title={found.data ? found.data.name : "Import people"} trail={[{ label: "Imports", to: inBrand("/imports") }]} />
      <Stepper active={active} size="xs" mb="lg" allowNextStepsSelect={false} visibleFrom="sm" aria-label="Steps">
        {LABELS.map((label) => <Stepper.Step key={label} label={label} allowStepSelect={false} />)}
      </Stepper>
      {!found.data && (mayChange ? <UploadStep /> : <Failed error={new ApiError(403, "forbidden", "Your role does not import", "Importing people needs the role marketer in this brand.")} />)}
      {found.data && draft && <Setup key={found.data.id} found={found.data} />}
      {found.data && !draft && <Progress found={found.data} />}
    </>
  );
}
