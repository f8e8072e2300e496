// Everybody the brand knows: search, filters, sorting, columns, and pages.
import { Button, Group } from "@mantine/core";
import { keepPreviousData } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { IconUpload, IconUserPlus, IconUsers, IconUserSearch } from "@tabler/icons-react";
import { useState } from "react";

import { query } from "@/api/client";
import { useAddress } from "@/app/address";
import { useInBrand } from "@/app/places";
import { useBrand, useMay } from "@/app/session";
import { DataTable } from "@/ui/DataTable";
import { count, people } from "@/ui/formats";
import { PageHeader } from "@/ui/PageHeader";
import { SearchField } from "@/ui/SearchField";
import { Empty } from "@/ui/states";

import { AddProfile } from "./table/AddProfile";
import { Chosen } from "./table/Chosen";
import { ColumnChoice, useColumns } from "./table/columns";
import { asked, FILTERS, fromTheStart, span, type TableAddress } from "./table/filters";
import { ProfileFilters } from "./table/ProfileFilters";

export function ProfilesScreen() {
  const [address, setAddress] = useAddress<TableAddress>();
  const [adding, setAdding] = useState(false);
  const [chosen, setChosen] = useState<ReadonlySet<string | number>>(new Set());
  const inBrand = useInBrand();
  const brand = useBrand();
  const mayChange = useMay("marketer");
  const { columns, ...choice } = useColumns(brand.currency);
  const found = query.useQuery("get", "/api/v1/profiles/table", { params: { query: asked(address) } }, { placeholderData: keepPreviousData });
  const page = Math.max(1, Number(address.page) || 1);
  const change = (next: Partial<TableAddress>) => {
    setChosen(new Set());
    setAddress(fromTheStart(next));
  };
  const turn = (cursor: string | null | undefined, to: number) => {
    setChosen(new Set());
    setAddress({ cursor: to === 1 ? undefined : (cursor ?? undefined), page: to === 1 ? undefined : String(to) }, { push: true });
  };
  const filtered = !!address.q || FILTERS.some((name) => address[name]);
  const { data } = found;
  const [first, last] = span(page, data?.data.length ?? 0);
  return (
    <>
      <PageHeader
        title="Profiles"
        description={data && !filtered ? `${data.exact ? "" : "About "}${people(data.total)}` : "Everybody your brand knows"}
        actions={mayChange && (
          <>
            <Button component={Link} to={inBrand("/imports/new")} variant="default" leftSection={<IconUpload size={16} aria-hidden />}>Import CSV</Button>
            <Button onClick={() => setAdding(true)} leftSection={<IconUserPlus size={16} aria-hidden />}>Add profile</Button>
          </>
        )}
      />
      <DataTable
        label="Profiles"
        columns={columns}
        rows={data?.data}
        rowKey={(row) => row.id}
        rowLink={(row) => inBrand(`/profiles/${row.id}`)}
        loading={found.isFetching && !found.isRefetching ? true : found.isPlaceholderData}
        error={found.error}
        retry={() => found.refetch()}
        sorting={{ value: address.sort ?? "-created", onChange: (sort) => change({ sort }) }}
        selection={mayChange ? { chosen, onChange: setChosen } : undefined}
        toolbar={
          chosen.size > 0 ? (
            <Chosen ids={[...chosen].map(Number)} onDone={() => setChosen(new Set())} />
          ) : (
            <>
              <SearchField label="Search by email, name, id or phone" value={address.q ?? ""} onChange={(q) => change({ q })} />
              <ProfileFilters address={address} onChange={change} />
              <Group ml="auto"><ColumnChoice {...choice} /></Group>
            </>
          )
        }
        paging={data && {
          label: `${count(first)}–${count(last)} of ${data.exact ? "" : "about "}${count(Math.max(data.total, last))}`,
          onPrevious: page > 1 || data.previous ? () => turn(data.previous, Math.max(1, page - 1)) : undefined,
          onNext: data.next ? () => turn(data.next, page + 1) : undefined,
        }}
        empty={filtered ? (
          <Empty icon={IconUserSearch} title="Nobody is like this" action={<Button variant="default" onClick={() => change({ q: undefined, ...Object.fromEntries(FILTERS.map((name) => [name, undefined])) })}>Clear search and filters</Button>}>
            Try fewer words or filters. The search looks at addresses, names, external ids and phone numbers.
          </Empty>
        ) : (
          <Empty icon={IconUsers} title="Nobody is here yet" action={mayChange && <Button component={Link} to={inBrand("/imports/new")}>Import CSV</Button>}>
            People come in from your shop, from sign-up forms, through the API, or from a CSV file.
          </Empty>
        )}
      />
      <AddProfile opened={adding} onClose={() => setAdding(false)} />
    </>
  );
}
