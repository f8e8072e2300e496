// Every email of the brand: searched, made, copied, put away; with what sends it.
import { Button, SegmentedControl, Stack, Text, VisuallyHidden } from "@mantine/core";
import { IconPlus, IconTemplate } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";

import { query } from "@/api/client";
import { useAddress } from "@/app/address";
import { useInBrand } from "@/app/places";
import { useMay } from "@/app/session";
import { type Column, DataTable } from "@/ui/DataTable";
import { Moment } from "@/ui/Moment";
import { PageHeader } from "@/ui/PageHeader";
import { SearchField } from "@/ui/SearchField";
import { Empty } from "@/ui/states";

import { FORMATS, type Format, type Template } from "./email";
import { PART, useParts } from "./listing";
import { NewTemplate } from "./NewTemplate";
import { TemplateActs } from "./TemplateActs";
import { UsedBy } from "./UsedBy";

type Sort = "name" | "-name" | "created" | "-created" | "updated" | "-updated";

interface Address extends Record<string, string | undefined> {
  q?: string;
  kind?: string;
  archived?: string;
  sort?: string;
  page?: string;
  new?: string;
}

export function TemplatesScreen() {
  const inBrand = useInBrand();
  const may = useMay("marketer");
  const [{ q = "", kind, archived, sort = "-updated", new: making }, setAddress] = useAddress<Address>();
  const { cursor, paging } = useParts();
  const [busy, setBusy] = useState(false);
  const asked = { q, kind: (kind as Format) || null, archived: archived === "1", sort: sort as Sort, cursor: cursor ?? null, limit: PART };
  const { data, error, isFetching, refetch } = query.useQuery("get", "/api/v1/templates", { params: { query: asked } }, { placeholderData: (before) => before });
  const make = may && <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setAddress({ new: "1" })}>New template</Button>;
  return (
    <>
      <PageHeader title="Templates" description="The emails that flows and campaigns send." actions={make} />
      <DataTable
        label="Templates"
        columns={columns(archived === "1", setBusy)}
        rows={data?.data}
        rowKey={(one) => one.id}
        rowLink={archived === "1" ? undefined : (one) => inBrand(`/templates/${one.id}`)}
        loading={isFetching || busy}
        error={error}
        retry={() => void refetch()}
        sorting={{ value: sort, onChange: (value) => setAddress({ sort: value, page: undefined }) }}
        paging={paging(data)}
        empty={<Nothing q={q} kind={kind} archived={archived === "1"} make={make} />}
        toolbar={
          <>
            <SearchField label="Search names and subjects" value={q} onChange={(value) => setAddress({ q: value, page: undefined })} />
            <SegmentedControl
              size="xs"
              aria-label="Kind"
              value={archived === "1" ? "archived" : kind || "all"}
              onChange={(one) => setAddress({ kind: one === "all" || one === "archived" ? undefined : one, archived: one === "archived" ? "1" : undefined, page: undefined })}
              data={[{ value: "all", label: "All" }, { value: "mjml", label: "MJML" }, { value: "html", label: "HTML" }, { value: "archived", label: "Put away" }]}
            />
          </>
        }
      />
      <NewTemplate opened={may && making === "1"} onClose={() => setAddress({ new: undefined })} />
    </>
  );
}

function columns(archived: boolean, onBusy: (busy: boolean) => void): Column<Template>[] {
  return [
    {
      key: "name",
      title: "Name",
      sort: "name",
      render: (one) => (
        <Stack gap={0} maw={520}>
          <Text size="sm" fw={600} lineClamp={1} style={{ overflowWrap: "anywhere" }}>{one.name}</Text>
          <Text size="xs" c="dimmed" lineClamp={1} style={{ overflowWrap: "anywhere" }}>{one.subject}</Text>
        </Stack>
      ),
    },
    { key: "used", title: "Sent by", wide: true, width: 170, render: (one) => (one.used_by.length > 0 ? <UsedBy uses={one.used_by} /> : <Text size="sm" c="dimmed">Nothing yet</Text>) },
    { key: "format", title: "Kind", wide: true, width: 90, render: (one) => <Text size="sm" c="dimmed">{FORMATS[one.format]}</Text> },
    archived
      ? { key: "archived", title: "Put away", wide: true, width: 180, render: (one) => <Moment at={one.archived_at} size="sm" /> }
      : { key: "updated", title: "Changed", sort: "updated", wide: true, width: 180, render: (one) => <Moment at={one.updated_at} size="sm" /> },
    { key: "acts", title: <VisuallyHidden>Do</VisuallyHidden>, width: 56, align: "right", render: (one) => <TemplateActs template={one} onBusy={onBusy} /> },
  ];
}

function Nothing({ q, kind, archived, make }: { q: string; kind?: string; archived: boolean; make: ReactNode }) {
  if (q || kind) return <Empty icon={IconTemplate} title="No template fits">Try fewer words, or look under All.</Empty>;
  if (archived) return <Empty icon={IconTemplate} title="Nothing is put away">Templates that you put away are kept here with all their versions.</Empty>;
  return (
    <Empty icon={IconTemplate} title="No templates yet" action={make || undefined}>
      Start from a layout, or from the email of a ready-made flow. Each save keeps a version, so nothing is lost.
    </Empty>
  );
}
