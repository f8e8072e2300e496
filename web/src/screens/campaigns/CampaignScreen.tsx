// One campaign once it is no draft any more: waiting for its time, going out, or over.
import { Button, Group } from "@mantine/core";
import { IconArrowBackUp, IconBan, IconCopy } from "@tabler/icons-react";
import { Navigate, useParams } from "@tanstack/react-router";
import { useState } from "react";

import { query } from "@/api/client";
import { useInBrand } from "@/app/places";
import { useMay } from "@/app/session";
import { Moment } from "@/ui/Moment";
import { PageHeader } from "@/ui/PageHeader";
import { LoadingPage } from "@/ui/states";
import { StatusBadge } from "@/ui/StatusBadge";

import { useActs } from "./acts";
import { Broken } from "./Broken";
import { CampaignReport } from "./CampaignReport";
import { CancelQuestion } from "./CancelQuestion";
import { ScheduledView } from "./ScheduledView";
import { SendProgress } from "./SendProgress";
import { type Campaign, GOING, MOVING } from "./shapes";

export function CampaignScreen() {
  const { campaign: id } = useParams({ strict: false });
  const inBrand = useInBrand();
  const asked = query.useQuery("get", "/api/v1/campaigns/{campaign_id}", { params: { path: { campaign_id: Number(id) } } }, {
    refetchInterval: ({ state }) => (state.data && MOVING.includes(state.data.status) ? 3000 : false),
  });
  const retry = () => void asked.refetch();
  const { data: campaign, error } = asked;
  if (error && !campaign) return <Broken what="Campaign" error={error} retry={retry} />;
  if (!campaign) return <LoadingPage />;
  if (campaign.status === "draft") return <Navigate to={inBrand(`/campaigns/${id}/edit`)} replace />;
  return (
    <>
      <Head campaign={campaign} />
      {campaign.status === "scheduled" && <ScheduledView campaign={campaign} />}
      {GOING.includes(campaign.status) && <SendProgress campaign={campaign} />}
      {!MOVING.includes(campaign.status) && <CampaignReport campaign={campaign} />}
    </>
  );
}

function Head({ campaign }: { campaign: Campaign }) {
  const inBrand = useInBrand();
  const mayChange = useMay("marketer");
  const acts = useActs(campaign.id);
  const [asked, setAsked] = useState(false);
  const trail = [{ label: "Campaigns", to: inBrand("/campaigns") }];
  if (campaign.series_id) trail.push({ label: "Series", to: inBrand(`/series/${campaign.series_id}`) });
  return (
    <>
      <PageHeader
        title={campaign.name}
        badge={<StatusBadge status={campaign.status} />}
        trail={trail}
        description={campaign.send_at && <>{campaign.status === "scheduled" ? "Goes out" : "Began"} <Moment at={campaign.send_at} />{campaign.finished_at && <>, ended <Moment at={campaign.finished_at} /></>}</>}
        actions={mayChange && (
          <Group gap="sm">
            {campaign.status === "scheduled" && campaign.recipients === 0 && (
              <Button variant="default" leftSection={<IconArrowBackUp size={16} aria-hidden />} onClick={() => void acts.unschedule()}>Make it a draft again</Button>
            )}
            {campaign.status === "scheduled" && <Button variant="default" leftSection={<IconBan size={16} aria-hidden />} onClick={() => setAsked(true)}>Cancel campaign</Button>}
            {!MOVING.includes(campaign.status) && <Button variant="default" leftSection={<IconCopy size={16} aria-hidden />} onClick={() => void acts.duplicate()}>Duplicate</Button>}
          </Group>
        )}
      />
      <CancelQuestion campaign={campaign} opened={asked} onClose={() => setAsked(false)} />
    </>
  );
}
