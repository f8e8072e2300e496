// Everybody the brand knows: search, filters, sorting, columns, and pages.
import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { IconUpload, IconUserPlus, IconUsers } from "@tabler/icons-react";
import { useState } from "react";

import { useInBrand } from "@/app/places";
import { useMay } from "@/app/session";
import { PageHeader } from "@/ui/PageHeader";
import { Empty } from "@/ui/states";

import { AddProfile } from "./table/AddProfile";
import { PeopleTable } from "./table/PeopleTable";

export function ProfilesScreen() {
  const [adding, setAdding] = useState(false);
  const inBrand = useInBrand();
  const mayChange = useMay("marketer");
  return (
    <>
      <PageHeader
        title="Profiles"
        description="Everybody your brand knows"
        actions={mayChange && (
          <>
            <Button component={Link} to={inBrand("/imports/new")} variant="default" leftSection={<IconUpload size={16} aria-hidden />}>Import CSV</Button>
            <Button onClick={() => setAdding(true)} leftSection={<IconUserPlus size={16} aria-hidden />}>Add profile</Button>
          </>
        )}
      />
      <PeopleTable
        empty={
          <Empty icon={IconUsers} title="Nobody is here yet" action={mayChange && <Button component={Link} to={inBrand("/imports/new")}>Import CSV</Button>}>
            People come in from your shop, from sign-up forms, through the API, or from a CSV file.
          </Empty>
        }
      />
      <AddProfile opened={adding} onClose={() => setAdding(false)} />
    </>
  );
}
