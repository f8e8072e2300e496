// One list: who is on it, how people join it, and putting people on it.
import { Badge, Button, Group, Menu } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { IconArchive, IconChevronDown, IconMailPlus, IconPencil, IconUpload, IconUserPlus, IconUsers } from "@tabler/icons-react";
import { useState } from "react";

import { api, query } from "@/api/client";
import type { components } from "@/api/schema";
import { tellDone } from "@/app/notices";
import { useInBrand } from "@/app/places";
import { useMay } from "@/app/session";
import { ConfirmModal } from "@/ui/confirm";
import { people } from "@/ui/formats";
import { PageHeader } from "@/ui/PageHeader";
import { Empty, Failed, LoadingPage } from "@/ui/states";

import { AddPeople } from "./lists/AddPeople";
import { ListForm } from "./lists/ListForm";
import { PeopleTable } from "./table/PeopleTable";

type List = components["schemas"]["ListOut"];

export function ListScreen() {
  const params = useParams({ strict: false }) as { list?: string };
  const id = Number(params.list) || 0;
  const found = query.useQuery("get", "/api/v1/lists/{list_id}", { params: { path: { list_id: id } } }, { retry: false });
  const inBrand = useInBrand();
  if (found.isError) {
    return (
      <>
        <PageHeader title="List" trail={[{ label: "Lists", to: inBrand("/lists") }]} />
        <Failed error={found.error} retry={() => found.refetch()} />
      </>
    );
  }
  return found.data ? <Shown list={found.data} /> : <LoadingPage />;
}

function Shown({ list }: { list: List }) {
  const [open, setOpen] = useState<"add" | "edit" | "archive" | null>(null);
  const inBrand = useInBrand();
  const navigate = useNavigate();
  const client = useQueryClient();
  const mayChange = useMay("marketer");
  const archive = async () => {
    await api.DELETE("/api/v1/lists/{list_id}", { params: { path: { list_id: list.id } } });
    void navigate({ to: inBrand("/lists") });
    await client.invalidateQueries({ queryKey: ["get", "/api/v1/lists"] });
    tellDone(`${list.name} is taken out of use.`);
  };
  const add = mayChange && <Button leftSection={<IconUserPlus size={16} aria-hidden />} onClick={() => setOpen("add")}>Add people</Button>;
  return (
    <>
      <PageHeader
        title={list.name}
        trail={[{ label: "Lists", to: inBrand("/lists") }]}
        badge={<Badge color={list.opt_in === "double" ? "water" : "gray"}>{list.opt_in === "double" ? "Double opt-in" : "Single opt-in"}</Badge>}
        description={<Group gap="xs"><span>{people(list.members)}</span>{list.pending > 0 && <span>{people(list.pending)} waiting to confirm</span>}</Group>}
        actions={mayChange && (
          <>
            <Menu position="bottom-end" shadow="md">
              <Menu.Target><Button variant="default" rightSection={<IconChevronDown size={16} aria-hidden />}>More</Button></Menu.Target>
              <Menu.Dropdown>
                <Menu.Item leftSection={<IconMailPlus size={16} />} component={Link} to={inBrand("/campaigns/new")} search={{ list: String(list.id) } as never}>Send it a campaign</Menu.Item>
                <Menu.Item leftSection={<IconPencil size={16} />} onClick={() => setOpen("edit")}>Edit name and opt-in</Menu.Item>
                <Menu.Item leftSection={<IconUpload size={16} />} component={Link} to={inBrand("/imports/new")} search={{ list: String(list.id) } as never}>Import people to it</Menu.Item>
                <Menu.Divider />
                <Menu.Item color="red" leftSection={<IconArchive size={16} />} onClick={() => setOpen("archive")}>Take out of use</Menu.Item>
              </Menu.Dropdown>
            </Menu>
            {add}
          </>
        )}
      />
      <PeopleTable
        list={list}
        empty={<Empty icon={IconUsers} title="Nobody is on this list yet" action={add}>People join through forms, the API, flows and imports, or you add them.</Empty>}
      />
      {open === "add" && <AddPeople list={list} onClose={() => setOpen(null)} />}
      {open === "edit" && <ListForm list={list} onClose={() => setOpen(null)} />}
      <ConfirmModal opened={open === "archive"} onClose={() => setOpen(null)} onConfirm={archive} title={`Take ${list.name} out of use`} action="Take out of use" danger typed={list.name}>
        {people(list.members)} leave it with this, and nobody can join any more. Flows that begin with it take nobody in, and campaigns that go to it reach nobody by it. What it held stays recorded, but it does not come back.
      </ConfirmModal>
    </>
  );
}
