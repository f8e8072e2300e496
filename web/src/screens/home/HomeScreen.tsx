// The home of a brand: how it did, what runs, what comes next, and what somebody should look at.
import { Grid, Stack } from "@mantine/core";
import { keepPreviousData, type UseQueryResult } from "@tanstack/react-query";

import { type ApiError, query } from "@/api/client";
import { useAddress } from "@/app/address";
import { useBrand } from "@/app/session";
import { PageHeader } from "@/ui/PageHeader";
import { Failed } from "@/ui/states";

import { AttentionCard } from "./AttentionCard";
import { dayRange, type Overview } from "./buckets";
import { ComingCard } from "./ComingCard";
import { FlowsCard } from "./FlowsCard";
import { GrowthCard } from "./GrowthCard";
import { HealthCard } from "./HealthCard";
import classes from "./home.module.css";
import { HomeWaiting } from "./HomeWaiting";
import { KeyFigures } from "./KeyFigures";
import { RevenueCard } from "./RevenueCard";
import { SetupCard } from "./SetupCard";
import { SkippedCard } from "./SkippedCard";
import { LENGTHS, type Length, SpanPicker } from "./SpanPicker";

export function HomeScreen() {
  const [{ days: asked }, setAddress] = useAddress<{ days: string }>();
  const days: Length = LENGTHS.find((one) => one === asked) ?? "30";
  const { name } = useBrand();
  const found = query.useQuery("get", "/api/v1/overview", { params: { query: { days } } }, { placeholderData: keepPreviousData, refetchInterval: 60_000 });
  const { data: overview, error, refetch, isPlaceholderData: stale } = found as UseQueryResult<Overview, ApiError>;
  const picker = <SpanPicker value={days} onChange={(next) => setAddress({ days: next === "30" ? undefined : next })} />;
  if (!overview) {
    return (
      <>
        <PageHeader title="Home" actions={picker} />
        {error ? <Failed error={error} retry={() => void refetch()} /> : <HomeWaiting />}
      </>
    );
  }
  if (!overview.setup.sent_before) {
    return (
      <>
        <PageHeader title={`Welcome to ${name}`} description="A few steps until your first email goes out. Do them in any order." />
        <Grid gap="md">
          <Grid.Col span={{ base: 12, md: 8 }}><SetupCard steps={overview.setup.steps} /></Grid.Col>
          <Grid.Col span={{ base: 12, md: 4 }}>
            <Stack><AttentionCard items={overview.attention} /><ComingCard campaigns={overview.scheduled} /></Stack>
          </Grid.Col>
        </Grid>
      </>
    );
  }
  const before = `the ${overview.days.length} days before`;
  return (
    <>
      <PageHeader title="Home" description={`${dayRange(overview.first_day, overview.last_day)}, compared with ${before} (${overview.timezone})`} actions={picker} />
      <Stack gap="md" aria-busy={stale || undefined} style={{ opacity: stale ? 0.6 : 1 }}>
        <KeyFigures overview={overview} />
        <Grid gap="md" align="stretch">
          <Grid.Col span={{ base: 12, md: 8 }} className={classes.fill}><RevenueCard overview={overview} /></Grid.Col>
          <Grid.Col span={{ base: 12, md: 4 }}><AttentionCard items={overview.attention} /></Grid.Col>
          <Grid.Col span={{ base: 12, md: 8 }}><FlowsCard flows={overview.flows} currency={overview.currency} days={overview.days.length} /></Grid.Col>
          <Grid.Col span={{ base: 12, md: 4 }}><ComingCard campaigns={overview.scheduled} /></Grid.Col>
          <Grid.Col span={{ base: 12, md: 4 }}><HealthCard now={overview.now} before={overview.before} /></Grid.Col>
          <Grid.Col span={{ base: 12, md: 4 }} className={classes.fill}><GrowthCard overview={overview} /></Grid.Col>
          <Grid.Col span={{ base: 12, md: 4 }}><SkippedCard skipped={overview.skipped} days={overview.days.length} /></Grid.Col>
        </Grid>
      </Stack>
    </>
  );
}
