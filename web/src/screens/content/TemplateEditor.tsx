// One email in the editor: fetched, then worked on. Its code is large and loads with this screen only.
import { Container } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";

import { query } from "@/api/client";
import { useInBrand } from "@/app/places";
import { PageHeader } from "@/ui/PageHeader";
import { Failed, LoadingPage } from "@/ui/states";

import { Desk } from "./editor/Desk";
import type { WholeTemplate } from "./email";

const PATH = "/api/v1/templates/{template_id}";

export function TemplateEditor() {
  const { template } = useParams({ strict: false }) as { template: string };
  const id = Number(template);
  const init = { params: { path: { template_id: Number.isSafeInteger(id) ? id : 0 } } };
  const client = useQueryClient();
  const inBrand = useInBrand();
  const { data, error, refetch } = query.useQuery("get", PATH, init, { refetchOnWindowFocus: false, retry: false });
  const again = () => void refetch();
  const saved = (one: WholeTemplate) => client.setQueryData(query.queryOptions("get", PATH, init).queryKey, one);
  if (error) {
    return (
      <Container size={1240} py="lg">
        <PageHeader title="Template" trail={[{ label: "Templates", to: inBrand("/templates") }]} />
        <Failed error={error} retry={again} />
      </Container>
    );
  }
  if (!data) return <Container size={1240} py="lg"><LoadingPage /></Container>;
  return <Desk key={data.id} template={data} onSaved={saved} />;
}
