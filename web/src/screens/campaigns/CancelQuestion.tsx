// Asks before a campaign is stopped for good: what has gone, what can still be taken back, in numbers of this moment.
import { Skeleton, Stack, Text } from "@mantine/core";

import { query } from "@/api/client";
import { ConfirmModal } from "@/ui/confirm";
import { people } from "@/ui/formats";

import { useActs } from "./acts";
import type { Campaign, Progress } from "./shapes";

interface Props {
  campaign: Pick<Campaign, "id" | "name" | "status">;
  opened: boolean;
  onClose: () => void;
}

export function CancelQuestion({ campaign, opened, onClose }: Props) {
  const acts = useActs(campaign.id);
  const progress = query.useQuery("get", "/api/v1/campaigns/{campaign_id}/progress", { params: { path: { campaign_id: campaign.id } } }, { enabled: opened, refetchInterval: opened ? 2000 : false });
  return (
    <ConfirmModal opened={opened} onClose={onClose} title="Cancel this campaign?" action="Cancel for good" danger onConfirm={acts.cancel}>
      <Stack gap="xs">
        {progress.data ? <Effect of={progress.data} /> : <Skeleton height={40} />}
        <Text size="sm">A cancelled campaign cannot go on. To send it after all, duplicate it.</Text>
      </Stack>
    </ConfirmModal>
  );
}

function Effect({ of }: { of: Progress }) {
  if (of.recipients === 0) return <Text size="sm">Nothing has been sent. Nobody gets this email.</Text>;
  return (
    <>
      <Text size="sm"><b>{people(of.taken_back)}</b> still to come will not get it.</Text>
      {of.sent > 0 && <Text size="sm"><b>{people(of.sent)}</b> have it already; that cannot be taken back.</Text>}
      {of.on_the_wire > 0 && <Text size="sm">{people(of.on_the_wire)} are getting it in this moment.</Text>}
    </>
  );
}
