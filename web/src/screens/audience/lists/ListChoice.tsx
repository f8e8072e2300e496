// Chooses one of the brand's lists; where there is none, the way to make one.
import { Anchor, Select, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";

import { query } from "@/api/client";
import { useInBrand } from "@/app/places";

interface Props {
  /** Its id. */
  value: string | null;
  onChange: (id: string | null) => void;
}

export function ListChoice({ value, onChange }: Props) {
  const lists = query.useQuery("get", "/api/v1/lists");
  const inBrand = useInBrand();
  if (lists.data?.length === 0) {
    return <Text size="sm">There is no list yet. <Anchor component={Link} to={inBrand("/lists")} inherit underline="always">Make one first</Anchor>, then come back.</Text>;
  }
  return (
    <Select
      label="List"
      placeholder={lists.isPending ? "Loading…" : "Choose a list"}
      data={(lists.data ?? []).map((one) => ({ value: String(one.id), label: one.name }))}
      value={value}
      onChange={onChange}
      searchable
      nothingFoundMessage="No list by this name."
    />
  );
}
