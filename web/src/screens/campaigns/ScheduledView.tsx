// A campaign that waits for its time: when, to how many as far as can be told now, and what it says.
import { Paper, Stack, Text } from "@mantine/core";

import { query } from "@/api/client";
import { people } from "@/ui/formats";
import { ago, useTimes } from "@/ui/times";

import { AudienceNumbers } from "./AudienceNumbers";
import { EmailPreview } from "./EmailPreview";
import type { Campaign } from "./shapes";
import classes from "./Wizard.module.css";

export function ScheduledView({ campaign }: { campaign: Campaign }) {
  const times = useTimes();
  const review = query.useQuery("get", "/api/v1/campaigns/{campaign_id}/review", { params: { path: { campaign_id: campaign.id } } }, { refetchInterval: 60_000 });
  const audience = review.data?.audience ?? undefined;
  const due = !!review.data && !!campaign.send_at && new Date(campaign.send_at) <= new Date(review.data.now);
  const fixed = campaign.audience_at === "schedule" && campaign.recipients > 0;
  return (
    <div className={classes.columns}>
      <Stack gap="md">
        <Paper withBorder p="lg">
          <Text className={classes.sentence}>
            {fixed ? <><b>{people(campaign.recipients)}</b> are set to get this</> : <>About <b>{people(audience?.going ?? 0)}</b> get this</>}{" "}
            {due ? "any moment now: it begins" : "on"} <b>{campaign.send_at && times.moment(campaign.send_at)}</b> ({times.zone}){review.data && campaign.send_at && !due ? `, ${ago(campaign.send_at, review.data.now)}` : ""}.
          </Text>
          <Text size="sm" c="dimmed" mt="xs">
            {fixed ? "The audience was fixed when it was scheduled; who unsubscribes until then gets nothing." : "The audience is taken at that moment."} The email is frozen as it was when you scheduled it.
          </Text>
        </Paper>
        {campaign.template_id !== null && <EmailPreview template={campaign.template_id} version={campaign.template_version_id} />}
      </Stack>
      <AudienceNumbers nothing={false} audience={audience} busy={review.isFetching} error={review.error} retry={() => void review.refetch()} />
    </div>
  );
}
