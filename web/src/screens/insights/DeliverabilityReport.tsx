// How mail arrives, by mailbox provider and by domain.
import { Stack, Text, Title } from "@mantine/core";
import { IconMailOff } from "@tabler/icons-react";
import { keepPreviousData } from "@tanstack/react-query";

import { query } from "@/api/client";
import { useAddress } from "@/app/address";
import { DataTable } from "@/ui/DataTable";
import { count, rate } from "@/ui/formats";
import { SearchField } from "@/ui/SearchField";
import { Empty } from "@/ui/states";

import { type Part, partColumns, READ } from "./partColumns";
import { ReportHeader } from "./ReportHeader";
import { sorted } from "./sorting";
import { Totals } from "./Totals";
import { useSpan } from "./useSpan";

export function DeliverabilityReport() {
  const [span, setSpan] = useSpan();
  const [{ sort = "-sent", q = "" }, setAddress] = useAddress<{ sort: string; q: string }>();
  const found = query.useQuery("get", "/api/v1/reports/deliverability", { params: { query: span } }, { placeholderData: keepPreviousData });
  const report = found.data;
  const whole = report?.whole;
  const sorting = { value: sort, onChange: (next: string) => setAddress({ sort: next === "-sent" ? undefined : next }) };
  const common = { loading: found.isPending || found.isPlaceholderData, rowKey: (part: Part) => part.name, sorting };
  const wanted = report?.domains.filter((part) => part.name.includes(q.trim().toLowerCase()));
  return (
    <>
      <ReportHeader title="Deliverability" path="/api/v1/reports/deliverability" span={span} onSpan={setSpan} shown={report} />
      {!found.error && (
        <Totals
          columns={5}
          totals={
            whole && [
              { label: "Sent", value: count(whole.sent), note: "by flows and campaigns" },
              { label: "Delivered", value: rate(whole.delivered, whole.sent), note: `${count(whole.delivered)} of sent` },
              { label: "Bounced", value: rate(whole.bounced, whole.sent, 2), note: `${count(whole.bounced)} of sent` },
              { label: "Marked as spam", value: rate(whole.complained, whole.delivered, 2), note: `${count(whole.complained)} of delivered` },
              { label: "Opened", value: rate(whole.opened, whole.delivered), note: `${count(whole.opened)} of delivered` },
            ]
          }
        />
      )}
      <Stack gap="lg">
        <section aria-label="By mailbox provider">
          <Title order={2} fz="md" mb="sm">By mailbox provider</Title>
          <DataTable
            {...common}
            label="Mailbox providers"
            columns={partColumns("Provider", whole?.sent ?? 0)}
            rows={report && sorted(report.providers, sort, READ)}
            error={found.error}
            retry={() => void found.refetch()}
            empty={<Empty icon={IconMailOff} title="Nothing was sent in these days">Choose other days above.</Empty>}
          />
        </section>
        {report && report.domains.length > 0 && !found.error && (
          <section aria-label="By domain">
            <Title order={2} fz="md" mb="sm">By domain</Title>
            <DataTable
              {...common}
              label="Domains"
              columns={partColumns("Domain", whole?.sent ?? 0)}
              rows={wanted && sorted(wanted, sort, READ)}
              toolbar={<SearchField label="Search domains" value={q} onChange={(next) => setAddress({ q: next })} />}
              empty={<Empty icon={IconMailOff} title="No domain is called that">Search for a part of its name.</Empty>}
            />
            {report.domains_in_all > report.domains.length && <Text size="sm" c="dimmed" mt="sm">The {report.domains.length} busiest of {count(report.domains_in_all)} domains; the CSV file has all of them.</Text>}
          </section>
        )}
        <Text size="sm" c="dimmed" maw={760}>
          Providers are told by the domains that they give to the public. Who runs the mail of a company’s own domain is not looked up, so
          those are counted as other domains. Spam reports reach Headwater only from providers that pass them on.
        </Text>
      </Stack>
    </>
  );
}
