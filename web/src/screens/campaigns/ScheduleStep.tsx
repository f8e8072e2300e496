// When it goes, whose audience counts, and whether smart sending heeds what else people got.
import { Alert, Paper, Radio, Stack, Switch, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";

import { query } from "@/api/client";
import { useBrand } from "@/app/session";
import { useTimes } from "@/ui/times";
import { nextHour } from "@/ui/zoned";

import type { CampaignDraft } from "./useCampaignDraft";
import { ZonedPicker } from "./ZonedPicker";

/** The instance's time, which may not be this machine's. */
export function useNow(): string | undefined {
  const clock = query.useQuery("get", "/api/v1/campaigns/calendar", { params: { query: { from: "2000-01-01", to: "2000-01-01" } } }, { staleTime: 30_000, refetchInterval: 60_000 });
  return clock.data?.now;
}

export function ScheduleStep({ draft }: { draft: CampaignDraft }) {
  const { fields, change } = draft;
  const { timezone } = useBrand();
  const times = useTimes();
  const now = useNow();
  const atATime = fields.send_at !== null;
  return (
    <Stack gap="md" maw={720}>
      <Paper withBorder p="lg">
        <Radio.Group
          label="When it goes out"
          value={atATime ? "time" : "now"}
          onChange={(value) => change({ send_at: value === "time" && now ? nextHour(now, 1) : null })}
        >
          <Stack gap="sm" mt="sm">
            <Radio value="now" label="At once, when I send it in the last step" />
            <Radio value="time" label="At a time" disabled={!now && !atATime} />
          </Stack>
        </Radio.Group>
        {fields.send_at !== null && (
          <Stack gap="xs" mt="md" pl={32}>
            <ZonedPicker
              label={`Day and time in ${timezone}`}
              description={now ? `There it is ${times.moment(now)} now.` : undefined}
              value={fields.send_at}
              onChange={(send_at) => change({ send_at })}
              now={now}
              past="This time has passed. Choose another, or send it at once."
              maw={340}
            />
            <Text size="xs" c="dimmed">Everyone gets it at this moment, wherever they are; the brand’s quiet hours, by each person’s own clock, put it off.</Text>
          </Stack>
        )}
      </Paper>
      <Paper withBorder p="lg">
        <Radio.Group label="Whose audience counts" value={fields.audience_at} onChange={(value) => change({ audience_at: value === "schedule" ? "schedule" : "send" })}>
          <Stack gap="sm" mt="sm">
            <Radio value="send" label="Whoever is in it when it goes out" description="People who join until then get it; people who leave do not." />
            <Radio value="schedule" label="Whoever is in it when I schedule it" description="The audience is fixed then. Who unsubscribes until it goes out never gets it." />
          </Stack>
        </Radio.Group>
      </Paper>
      <Paper withBorder p="lg">
        <Switch
          label="Smart sending"
          description="Leaves out whoever got another email of this brand shortly before. They are skipped, not put off."
          checked={fields.smart_sending}
          onChange={(event) => change({ smart_sending: event.currentTarget.checked })}
        />
        {!fields.smart_sending && (
          <Alert color="yellow" icon={<IconAlertTriangle />} mt="md">People get this even if they got another email minutes before.</Alert>
        )}
      </Paper>
    </Stack>
  );
}
