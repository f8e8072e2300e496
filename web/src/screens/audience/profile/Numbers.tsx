// What a marketer asks first about a person: what they ordered, when they were last there, what they make of emails.
import { Paper, SimpleGrid, Skeleton } from "@mantine/core";

import { query } from "@/api/client";
import type { components } from "@/api/schema";
import { Figure, shareOf } from "@/ui/Figure";
import { count, money } from "@/ui/formats";
import { Failed } from "@/ui/states";
import { useTimes } from "@/ui/times";

type Shown = components["schemas"]["ProfileNumbers"];

export function Numbers({ profileId }: { profileId: number }) {
  const found = query.useQuery("get", "/api/v1/profiles/{profile_id}/numbers", { params: { path: { profile_id: profileId } } });
  if (found.isError) return <Failed error={found.error} retry={() => found.refetch()} />;
  return (
    <Paper withBorder p="lg" component="section" aria-label="Numbers" aria-busy={!found.data || undefined}>
      {found.data ? <Strip of={found.data} /> : <Skeleton height={68} />}
    </Paper>
  );
}

function Strip({ of }: { of: Shown }) {
  const { date } = useTimes();
  const span = `in the last ${of.days} days`;
  const day = (at: string | null) => (at ? date(at) : "–");
  return (
    <SimpleGrid cols={{ base: 2, sm: 4, xl: 7 }} spacing="md" verticalSpacing="lg">
      <Figure label="Orders" value={count(of.orders)} note="in all" />
      <Figure label="Lifetime value" value={money(of.value, of.currency)} note={of.orders > 0 ? `${money(of.value / of.orders, of.currency)} an order` : "in all"} />
      <Figure label="Last order" value={day(of.last_order_at)} />
      <Figure label="Last active" value={day(of.last_active_at)} />
      <Figure label="Emails received" value={count(of.received)} note={span} />
      <Figure label="Opened" value={count(of.opened)} note={shareOf(of.opened, of.received, "received") ?? span} />
      <Figure label="Clicked" value={count(of.clicked)} note={shareOf(of.clicked, of.received, "received") ?? span} />
    </SimpleGrid>
  );
}
