// A series: a sale over several days, planned as one; whoever buys gets none of the later emails.
import { useParams } from "@tanstack/react-router";

import { query } from "@/api/client";
import { useAddress } from "@/app/address";
import { useBrand } from "@/app/session";
import { LoadingPage } from "@/ui/states";
import { dayOf, instantOf } from "@/ui/zoned";

import { Broken } from "./Broken";
import { isDay } from "./month";
import { useNow } from "./ScheduleStep";
import { SeriesDays } from "./SeriesDays";
import { SeriesEditor } from "./SeriesEditor";
import { freshPlan, planOf } from "./seriesPlan";

const USUAL_TIME = "10:00";

export function SeriesScreen() {
  const { series: id } = useParams({ strict: false });
  return id === undefined ? <Fresh /> : <Known key={id} id={Number(id)} />;
}

function Fresh() {
  const now = useNow();
  const { timezone } = useBrand();
  const [{ day }] = useAddress();
  if (!now) return <LoadingPage />;
  const tomorrow = dayOf(new Date(now).getTime() + 86_400_000, timezone);
  return <SeriesEditor series={null} saved={freshPlan(instantOf(`${isDay(day) ? day : tomorrow} ${USUAL_TIME}`, timezone))} now={now} />;
}

function Known({ id }: { id: number }) {
  const now = useNow();
  const asked = query.useQuery("get", "/api/v1/series/{series_id}", { params: { path: { series_id: id } } }, {
    refetchInterval: ({ state }) => (state.data?.campaigns.some((one) => one.status !== "draft") ? 10_000 : false),
  });
  const { data: series, error } = asked;
  if (error && !series) return <Broken what="Series" error={error} retry={() => void asked.refetch()} />;
  if (!series || !now) return <LoadingPage />;
  const draft = series.campaigns.every((one) => one.status === "draft");
  return draft ? <SeriesEditor series={series} saved={planOf(series)} now={now} /> : <SeriesDays series={series} />;
}
