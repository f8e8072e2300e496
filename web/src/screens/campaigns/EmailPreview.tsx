// An email as an inbox lists it and as it opens, on a desk or a telephone.
import { Group, Paper, SegmentedControl, Skeleton, Stack, Text } from "@mantine/core";
import { keepPreviousData } from "@tanstack/react-query";
import { useState } from "react";

import { query } from "@/api/client";
import { useMay } from "@/app/session";
import { size } from "@/ui/formats";
import { Failed } from "@/ui/states";

import { TestSend } from "./TestSend";
import classes from "./Wizard.module.css";

interface Props {
  template: number;
  /** A frozen version; without it the one that would be sent now. */
  version?: number | null;
}

export function EmailPreview({ template, version = null }: Props) {
  const [device, setDevice] = useState("desktop");
  const mayChange = useMay("marketer");
  const sender = query.useQuery("get", "/api/v1/brand", {}, { staleTime: 60_000 });
  const asked = query.useQuery("post", "/api/v1/templates/{template_id}/preview", { params: { path: { template_id: template } }, body: { version_id: version } }, { placeholderData: keepPreviousData, staleTime: 10_000 });
  const { data: shown } = asked;
  const error: unknown = asked.error;
  const retry = () => void asked.refetch();
  if (error) return <Failed error={error} retry={retry} />;
  return (
    <Paper withBorder component="section" aria-label="The email">
      <div className={classes.inbox}>
        <Group justify="space-between" wrap="nowrap" align="flex-start" gap="md">
          <Stack gap={2} miw={0}>
            <Text size="xs" c="dimmed" truncate>{sender.data ? `${sender.data.from_name} <${sender.data.from_email || "no sender address yet"}>` : " "}</Text>
            {shown ? (
              <>
                <Text fw={600} style={{ overflowWrap: "anywhere" }}>{shown.subject || "No subject"}</Text>
                <Text size="sm" c="dimmed" lineClamp={2}>{shown.preview_text || "No preview text: inboxes show the first words of the email."}</Text>
              </>
            ) : <Skeleton h={44} w={320} />}
          </Stack>
          {mayChange && version === null && <TestSend template={template} />}
        </Group>
      </div>
      <Group justify="space-between" px="md" py="xs">
        <SegmentedControl size="xs" value={device} onChange={setDevice} data={[{ value: "desktop", label: "Desktop" }, { value: "phone", label: "Phone" }]} aria-label="The width of the email" />
        {shown && <Text size="xs" c="dimmed">{size(shown.size_bytes)} · as a person of whom nothing is known</Text>}
      </Group>
      <div className={classes.screen} data-phone={device === "phone" || undefined}>
        {shown ? <iframe title="The email as it opens" sandbox="" srcDoc={shown.html} /> : <Skeleton h={560} maw={680} />}
      </div>
      {shown && shown.missing.length > 0 && (
        <Text size="xs" c="dimmed" px="md" py="sm">What comes from the person is empty here; it is filled in for each recipient.</Text>
      )}
    </Paper>
  );
}
