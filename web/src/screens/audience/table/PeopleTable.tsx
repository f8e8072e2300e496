// The table of people as screens show it: of the whole brand, or of one list.
import { Group } from "@mantine/core";
import { keepPreviousData } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";

import { query } from "@/api/client";
import type { components } from "@/api/schema";
import { useAddress } from "@/app/address";
import { useInBrand } from "@/app/places";
import { useBrand, useMay } from "@/app/session";
import { DataTable } from "@/ui/DataTable";
import { count } from "@/ui/formats";
import { SearchField } from "@/ui/SearchField";

import { OnList } from "../lists/OnList";
import { Chosen } from "./Chosen";
import { ColumnChoice, useColumns } from "./columns";
import { asked, FILTERS, fromTheStart, span, type TableAddress } from "./filters";
import { NobodyLikeThis } from "./NobodyLikeThis";
import { ProfileFilters } from "./ProfileFilters";

interface Props {
  /** Only those on this list; without it, everybody. */
  list?: components["schemas"]["ListOut"];
  /** What to show while there is nobody at all. */
  empty: ReactNode;
}

export function PeopleTable({ list, empty }: Props) {
  const [address, setAddress] = useAddress<TableAddress>();
  const [chosen, setChosen] = useState<ReadonlySet<string | number>>(new Set());
  const inBrand = useInBrand();
  const brand = useBrand();
  const mayChange = useMay("marketer");
  const { columns, ...choice } = useColumns(brand.currency);
  const found = query.useQuery("get", "/api/v1/profiles/table", { params: { query: asked(list ? { ...address, list: String(list.id) } : address) } }, { placeholderData: keepPreviousData });
  const page = Math.max(1, Number(address.page) || 1);
  const none = () => setChosen(new Set());
  const change = (next: Partial<TableAddress>) => {
    none();
    setAddress(fromTheStart(next));
  };
  const turn = (cursor: string | null, to: number) => {
    none();
    setAddress({ cursor: to <= 1 ? undefined : (cursor ?? undefined), page: to <= 1 ? undefined : String(to) }, { push: true });
  };
  const filtered = !!address.q || FILTERS.some((name) => address[name]);
  const clear = () => change({ q: undefined, ...Object.fromEntries(FILTERS.map((name) => [name, undefined])) });
  const ids = [...chosen].map(Number);
  const { data } = found;
  const [first, last] = span(page, data?.data.length ?? 0);
  return (
    <DataTable
      label="Profiles"
      columns={columns}
      rows={data?.data}
      rowKey={(row) => row.id}
      rowLink={(row) => inBrand(`/profiles/${row.id}`)}
      loading={found.isPending || found.isPlaceholderData}
      error={found.error}
      retry={() => found.refetch()}
      sorting={{ value: address.sort ?? "-created", onChange: (sort) => change({ sort }) }}
      selection={mayChange ? { chosen, onChange: setChosen } : undefined}
      toolbar={
        data?.total === 0 && !filtered ? undefined : chosen.size > 0 ? (
          list ? <OnList list={list} ids={ids} onDone={none} /> : <Chosen ids={ids} onDone={none} />
        ) : (
          <>
            <SearchField label="Search people" value={address.q ?? ""} onChange={(q) => change({ q })} />
            <ProfileFilters address={address} within={!!list} onChange={change} />
            <Group ml="auto" visibleFrom="sm"><ColumnChoice {...choice} /></Group>
          </>
        )
      }
      paging={data && {
        label: `${count(first)}–${count(last)} of ${data.exact ? "" : "about "}${count(Math.max(data.total, last))}`,
        onPrevious: page > 1 || data.previous ? () => turn(data.previous, page - 1) : undefined,
        onNext: data.next ? () => turn(data.next, page + 1) : undefined,
      }}
      empty={filtered ? <NobodyLikeThis clear={clear} /> : empty}
    />
  );
}
