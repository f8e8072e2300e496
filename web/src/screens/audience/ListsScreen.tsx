// The brand's lists: who chose to be on which.
import { Badge, Button, Group, Text } from "@mantine/core";
import { IconList, IconPlus } from "@tabler/icons-react";
import { useState } from "react";

import { query } from "@/api/client";
import type { components } from "@/api/schema";
import { useAddress } from "@/app/address";
import { useInBrand } from "@/app/places";
import { useMay } from "@/app/session";
import { type Column, DataTable } from "@/ui/DataTable";
import { count } from "@/ui/formats";
import { Moment } from "@/ui/Moment";
import { PageHeader } from "@/ui/PageHeader";
import { SearchField } from "@/ui/SearchField";
import { Empty } from "@/ui/states";

import { ListForm } from "./lists/ListForm";

type List = components["schemas"]["ListOut"];

const COLUMNS: Column<List>[] = [
  { key: "name", title: "List", render: (one) => <Text size="sm" fw={550} maw={420} truncate>{one.name}</Text> },
  { key: "opt_in", title: "Opt-in", wide: true, render: (one) => <Badge color={one.opt_in === "double" ? "water" : "gray"}>{one.opt_in === "double" ? "Double" : "Single"}</Badge> },
  { key: "members", title: "Members", align: "right", render: (one) => count(one.members) },
  { key: "pending", title: "Waiting to confirm", align: "right", wide: true, render: (one) => (one.pending ? count(one.pending) : "–") },
  { key: "created", title: "Created", wide: true, render: (one) => <Moment at={one.created_at} as="date" size="sm" /> },
];

export function ListsScreen() {
  const found = query.useQuery("get", "/api/v1/lists");
  const [{ q = "" }, setAddress] = useAddress();
  const [making, setMaking] = useState(false);
  const inBrand = useInBrand();
  const mayChange = useMay("marketer");
  const rows = found.data?.filter((one) => one.name.toLowerCase().includes(q.trim().toLowerCase()));
  const make = mayChange && <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setMaking(true)}>New list</Button>;
  return (
    <>
      <PageHeader title="Lists" description="Who chose to be on which list" actions={make} />
      <DataTable
        label="Lists"
        columns={COLUMNS}
        rows={rows}
        rowKey={(one) => one.id}
        rowLink={(one) => inBrand(`/lists/${one.id}`)}
        loading={found.isPending}
        error={found.error}
        retry={() => found.refetch()}
        toolbar={<Group><SearchField label="Search lists" value={q} onChange={(value) => setAddress({ q: value })} /></Group>}
        empty={q ? (
          <Empty icon={IconList} title="No list by this name" action={<Button variant="default" onClick={() => setAddress({ q: undefined })}>Clear search</Button>}>Try fewer letters.</Empty>
        ) : (
          <Empty icon={IconList} title="No lists yet" action={make}>
            A list holds people who chose it: a newsletter, a waiting list. For people who are alike by what they do, make a segment.
          </Empty>
        )}
      />
      {making && <ListForm onClose={() => setMaking(false)} />}
    </>
  );
}
