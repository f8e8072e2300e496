// The columns of the table of people, and which of them somebody chose to see, kept in this browser.
import { ActionIcon, Checkbox, Popover, Stack, Text, Tooltip } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import { IconColumns3 } from "@tabler/icons-react";

import type { Column } from "@/ui/DataTable";
import { count, money } from "@/ui/formats";
import { Moment } from "@/ui/Moment";

import { ConsentBadges } from "../ConsentBadges";
import type { Row } from "../people";
import { PersonCell } from "../PersonCell";

const USUAL = ["consent", "place", "orders", "value", "active"];

export function useColumns(currency: string): { columns: Column<Row>[]; chosen: string[]; choose: (keys: string[]) => void; all: Column<Row>[] } {
  const [chosen, choose] = useLocalStorage({ key: "headwater:profiles:columns", defaultValue: USUAL, getInitialValueInEffect: false });
  const all = everyColumn(currency);
  return { all, chosen, choose, columns: all.filter((one) => one.key === "name" || chosen.includes(one.key)) };
}

function everyColumn(currency: string): Column<Row>[] {
  return [
    { key: "name", title: "Person", sort: "name", rising: true, render: (row) => <PersonCell {...row} /> },
    { key: "email", title: "Email", sort: "email", rising: true, wide: true, render: (row) => <Text size="sm" maw={260} truncate>{row.email ?? "–"}</Text> },
    { key: "consent", title: "Email consent", render: (row) => <ConsentBadges consent={row.consent} suppressed={row.suppressed} /> },
    { key: "place", title: "Place", wide: true, render: (row) => <Text size="sm" maw={180} truncate>{[row.city, row.country].filter(Boolean).join(", ") || "–"}</Text> },
    { key: "phone", title: "Phone", wide: true, render: (row) => row.phone ?? "–" },
    { key: "external", title: "External id", wide: true, render: (row) => <Text size="sm" maw={160} truncate>{row.external_id ?? "–"}</Text> },
    { key: "orders", title: "Orders", sort: "orders", align: "right", wide: true, render: (row) => count(row.orders) },
    { key: "value", title: "Lifetime value", sort: "value", align: "right", wide: true, render: (row) => money(row.value, currency) },
    { key: "active", title: "Last active", wide: true, render: (row) => <Moment at={row.last_active_at} as="date" size="sm" /> },
    { key: "created", title: "Created", sort: "created", wide: true, render: (row) => <Moment at={row.created_at} as="date" size="sm" /> },
  ];
}

export function ColumnChoice({ all, chosen, choose }: { all: Column<Row>[]; chosen: string[]; choose: (keys: string[]) => void }) {
  return (
    <Popover position="bottom-end" shadow="md" trapFocus returnFocus>
      <Popover.Target>
        <Tooltip label="Columns"><ActionIcon variant="default" size={30} aria-label="Choose columns"><IconColumns3 size={16} /></ActionIcon></Tooltip>
      </Popover.Target>
      <Popover.Dropdown aria-label="Columns">
        <Checkbox.Group label="Columns" value={chosen} onChange={choose}>
          <Stack gap="xs" mt="xs">
            {all.filter((one) => one.key !== "name").map((one) => <Checkbox key={one.key} size="xs" value={one.key} label={one.title} />)}
          </Stack>
        </Checkbox.Group>
      </Popover.Dropdown>
    </Popover>
  );
}
