// Every email that was meant for a person: sent, or not and why, in words; opened and clicked.
import { SegmentedControl, Stack, Text } from "@mantine/core";
import { IconMail } from "@tabler/icons-react";

import { query } from "@/api/client";
import { useAddress } from "@/app/address";
import { type Column, DataTable } from "@/ui/DataTable";
import { Moment } from "@/ui/Moment";
import { Empty } from "@/ui/states";
import { StatusBadge } from "@/ui/StatusBadge";

import type { Loading, Told } from "./loading";
import { type Email, joined } from "./emails";

const SHOWN = { all: "All", sent: "Sent", not: "Not sent", coming: "To come" };

export function Emails({ profileId, timeline }: { profileId: number; timeline: Loading<Told> }) {
  const [{ emails = "all" }, setAddress] = useAddress();
  const messages = query.useQuery("get", "/api/v1/messages", { params: { query: { profile_id: profileId, limit: 500 } } });
  const all = messages.data && timeline.data ? joined(messages.data, [...timeline.data.entries, ...timeline.data.next]) : undefined;
  const rows = all?.filter((one) => emails === "all" || one.group === emails);
  const columns: Column<Email>[] = [
    { key: "email", title: "Email", render: (one) => <Named one={one} /> },
    { key: "state", title: "State", render: (one) => <StatusBadge status={one.state} /> },
    { key: "why", title: "Why", wide: true, render: (one) => <Text size="sm" c="dimmed" maw={320} lineClamp={3}>{one.why ?? "–"}</Text> },
    { key: "when", title: "When", render: (one) => <Moment at={one.at} size="sm" /> },
    { key: "opened", title: "Opened", wide: true, render: (one) => <Moment at={one.opened_at} size="sm" /> },
    { key: "clicked", title: "Clicked", wide: true, render: (one) => <Moment at={one.clicked_at} size="sm" /> },
  ];
  return (
    <DataTable
      label="Emails"
      columns={columns}
      rows={rows}
      rowKey={(one) => one.id}
      loading={!all}
      error={messages.error ?? timeline.error}
      retry={() => { void messages.refetch(); timeline.refetch(); }}
      toolbar={
        <SegmentedControl size="xs" aria-label="Which emails" value={emails} onChange={(value) => setAddress({ emails: value === "all" ? undefined : value })}
          data={Object.entries(SHOWN).map(([value, label]) => ({ value, label: all ? `${label} (${all.filter((one) => value === "all" || one.group === value).length})` : label }))} />
      }
      empty={<Empty icon={IconMail} title="No emails here">{emails === "all" ? "No email has been meant for this person yet." : "No email of this kind has been meant for this person."}</Empty>}
    />
  );
}

function Named({ one }: { one: Email }) {
  return (
    <Stack gap={0} maw={300}>
      <Text size="sm" fw={550} lineClamp={2}>{one.name}</Text>
      <Text size="xs" c="dimmed" truncate>{one.source}</Text>
      {one.why && <Text size="xs" c="dimmed" hiddenFrom="sm">{one.why}</Text>}
    </Stack>
  );
}
