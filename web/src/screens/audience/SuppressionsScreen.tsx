// To whom nothing is sent, whatever their consent, and why; adding people and lifting what may be lifted.
import { Button, Select, Text } from "@mantine/core";
import { keepPreviousData, useQueryClient } from "@tanstack/react-query";
import { IconShieldCheck, IconShieldOff } from "@tabler/icons-react";
import { useState } from "react";

import { api, query } from "@/api/client";
import type { components } from "@/api/schema";
import { useAddress } from "@/app/address";
import { tellDone } from "@/app/notices";
import { useInBrand } from "@/app/places";
import { useMay } from "@/app/session";
import { ConfirmModal } from "@/ui/confirm";
import { type Column, DataTable } from "@/ui/DataTable";
import { count } from "@/ui/formats";
import { Moment } from "@/ui/Moment";
import { PageHeader } from "@/ui/PageHeader";
import { SearchField } from "@/ui/SearchField";
import { Empty } from "@/ui/states";

import { called, REASONS } from "./people";
import { PersonCell } from "./PersonCell";
import { AddSuppressions } from "./suppressions/AddSuppressions";

type Suppressed = components["schemas"]["SuppressedOut"];
type Reason = Suppressed["reason"];
type Liftable = "user_suppressed" | "hard_bounce" | "invalid_email";
const LIMIT = 50;

export function SuppressionsScreen() {
  const [{ q, reason, cursor }, setAddress] = useAddress();
  const [adding, setAdding] = useState(false);
  const [lifting, setLifting] = useState<Suppressed | null>(null);
  const mayChange = useMay("marketer");
  const inBrand = useInBrand();
  const client = useQueryClient();
  const chosen = reason && reason in REASONS ? (reason as Reason) : undefined;
  const found = query.useQuery("get", "/api/v1/suppressions", { params: { query: { q, reason: chosen, cursor, limit: LIMIT } } }, { placeholderData: keepPreviousData });
  const reasons = query.useQuery("get", "/api/v1/suppressions/reasons");
  const lift = async () => {
    if (!lifting) return;
    await api.POST("/api/v1/consent/unsuppress", { body: { profiles: [{ id: lifting.profile_id }], reason: lifting.reason as Liftable } });
    await client.invalidateQueries({ queryKey: ["get"] });
    tellDone("The suppression is lifted.");
  };
  const columns: Column<Suppressed>[] = [
    { key: "person", title: "Person", render: (one) => <PersonCell id={one.profile_id} name={one.name} email={one.email} /> },
    { key: "reason", title: "Reason", render: (one) => <Text size="sm">{REASONS[one.reason]}</Text> },
    { key: "at", title: "Since", wide: true, render: (one) => <Moment at={one.at} size="sm" /> },
    { key: "act", title: "", align: "right", wide: true, render: (one) => mayChange && one.may_lift && (
      <Button size="compact-xs" variant="default" aria-label={`Lift for ${called({ name: one.name, email: one.email })}`} onClick={(event) => { event.stopPropagation(); setLifting(one); }}>Lift</Button>
    ) },
  ];
  const add = mayChange && <Button leftSection={<IconShieldOff size={16} aria-hidden />} onClick={() => setAdding(true)}>Suppress people</Button>;
  const filtered = !!q || !!chosen;
  const next = found.data?.next;
  return (
    <>
      <PageHeader title="Suppressions" description="Nothing is sent to these people, whatever their consent" actions={add} />
      <DataTable
        label="Suppressions"
        columns={columns}
        rows={found.data?.data}
        rowKey={(one) => `${one.profile_id} ${one.reason}`}
        rowLink={(one) => inBrand(`/profiles/${one.profile_id}?tab=consent`)}
        loading={found.isPending || found.isPlaceholderData}
        error={found.error}
        retry={() => found.refetch()}
        toolbar={
          <>
            <SearchField label="Search people" value={q ?? ""} onChange={(value) => setAddress({ q: value, cursor: undefined })} />
            <Select aria-label="Reason" placeholder="Every reason" clearable w={{ base: "100%", xs: 280 }} value={chosen ?? null} onChange={(value) => setAddress({ reason: value ?? undefined, cursor: undefined })}
              data={(reasons.data ?? []).map((one) => ({ value: one.reason, label: `${REASONS[one.reason]} (${count(one.people)})` }))} />
          </>
        }
        paging={cursor || next ? { label: "The latest first", onPrevious: cursor ? () => window.history.back() : undefined, onNext: next ? () => setAddress({ cursor: next }, { push: true }) : undefined } : undefined}
        empty={filtered ? (
          <Empty icon={IconShieldCheck} title="Nobody is suppressed like this" action={<Button variant="default" onClick={() => setAddress({ q: undefined, reason: undefined, cursor: undefined })}>Clear search and filter</Button>}>Try fewer letters or another reason.</Empty>
        ) : (
          <Empty icon={IconShieldCheck} title="Nobody is suppressed" action={add}>Addresses that bounce, and people who complain, come here by themselves. You can add people to whom nothing must go.</Empty>
        )}
      />
      {adding && <AddSuppressions onClose={() => setAdding(false)} />}
      <ConfirmModal opened={lifting !== null} onClose={() => setLifting(null)} onConfirm={lift} title="Lift the suppression" action="Lift">
        Email can be sent to {lifting && called({ name: lifting.name, email: lifting.email })} again, as far as their consent allows.
        {lifting?.reason !== "user_suppressed" && " If the address still does not exist, the next email bounces and they are suppressed again; bounces harm your reputation."}
      </ConfirmModal>
    </>
  );
}
