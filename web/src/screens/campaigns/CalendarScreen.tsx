// Campaigns and series by their day in the brand's zone: a month on a desk, an agenda on a telephone.
import { ActionIcon, Button, Group, Skeleton, Text, Title } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { IconChevronLeft, IconChevronRight, IconMailPlus } from "@tabler/icons-react";
import { keepPreviousData } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { query } from "@/api/client";
import { useAddress } from "@/app/address";
import { useInBrand } from "@/app/places";
import { useBrand, useMay } from "@/app/session";
import { PageHeader } from "@/ui/PageHeader";
import { Failed } from "@/ui/states";
import { dayOf } from "@/ui/zoned";

import { Agenda } from "./Agenda";
import { addMonths, isMonth, monthInWords, weeksOf } from "./month";
import { MonthGrid } from "./MonthGrid";

export function CalendarScreen() {
  const inBrand = useInBrand();
  const mayChange = useMay("marketer");
  const { timezone } = useBrand();
  const [{ month: given }, setAddress] = useAddress();
  // The instance's clock says what today is; it may not be this machine's.
  const clock = query.useQuery("get", "/api/v1/campaigns/calendar", { params: { query: { from: "2000-01-01", to: "2000-01-01" } } }, { staleTime: 60_000 });
  const today = clock.data && dayOf(clock.data.now, timezone);
  const month = isMonth(given) ? given : today?.slice(0, 7);
  const days = month ? weeksOf(month).flat() : [];
  const shown = query.useQuery(
    "get",
    "/api/v1/campaigns/calendar",
    { params: { query: { from: days[0] ?? "", to: days.at(-1) ?? "" } } },
    { enabled: month !== undefined, placeholderData: keepPreviousData },
  );
  const narrow = useMediaQuery("(max-width: 48em)", false, { getInitialValueInEffect: false });
  const error = clock.error ?? shown.error;
  const View = narrow ? Agenda : MonthGrid;
  return (
    <>
      <PageHeader
        title="Calendar"
        trail={[{ label: "Campaigns", to: inBrand("/campaigns") }]}
        description={`Every campaign with a time, by its day in ${timezone}.`}
        actions={mayChange && <Button component={Link} to={inBrand("/campaigns/new")} leftSection={<IconMailPlus size={16} aria-hidden />}>New campaign</Button>}
      />
      {month && (
        <Group mb="md" gap="xs">
          <ActionIcon variant="default" size="lg" aria-label="The month before" onClick={() => setAddress({ month: addMonths(month, -1) })}><IconChevronLeft size={18} /></ActionIcon>
          <ActionIcon variant="default" size="lg" aria-label="The month after" onClick={() => setAddress({ month: addMonths(month, 1) })}><IconChevronRight size={18} /></ActionIcon>
          <Button variant="default" onClick={() => setAddress({ month: undefined })} disabled={month === today?.slice(0, 7)}>Today</Button>
          <Title order={2} fz="lg" ml="xs" aria-live="polite">{monthInWords(month)}</Title>
          {shown.data?.campaigns.length === 0 && <Text size="sm" c="dimmed">Nothing is planned.</Text>}
        </Group>
      )}
      {error ? <Failed error={error} retry={() => void Promise.all([clock.refetch(), shown.refetch()])} /> : null}
      {!error && (!month || !today || !shown.data) && <Skeleton height={520} radius="md" aria-label="Loading" />}
      {!error && month && today && shown.data && <View month={month} today={today} campaigns={shown.data.campaigns} mayPlan={mayChange} />}
    </>
  );
}
