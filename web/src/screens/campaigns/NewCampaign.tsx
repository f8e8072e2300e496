// Where a campaign begins: with a name, and perhaps the day on which it was asked for in the calendar.
import { Button, Group, Paper, Stack, Text, TextInput } from "@mantine/core";
import { Link, useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";

import { api, ApiError } from "@/api/client";
import { useAddress } from "@/app/address";
import { useInBrand } from "@/app/places";
import { useBrand } from "@/app/session";
import { PageHeader } from "@/ui/PageHeader";
import { instantOf } from "@/ui/zoned";

import { useRefresh } from "./acts";
import { dayInWords, isDay } from "./month";
import type { Part } from "./shapes";

const USUAL_TIME = "10:00";

/** Whom the page that led here was about. */
function meant({ list, segment }: { list?: string; segment?: string }): Part[] {
  if (Number(list) > 0) return [{ list: Number(list) }];
  return Number(segment) > 0 ? [{ segment: Number(segment) }] : [];
}

export function NewCampaign() {
  const inBrand = useInBrand();
  const navigate = useNavigate();
  const refresh = useRefresh();
  const { timezone } = useBrand();
  const [{ day, list, segment }] = useAddress();
  const [name, setName] = useState("");
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState("");
  const planned = isDay(day) ? day : undefined;

  const create = async (event: FormEvent) => {
    event.preventDefault();
    if (!name.trim()) return setRefused("A campaign needs a name.");
    setBusy(true);
    setRefused("");
    try {
      const send_at = planned ? instantOf(`${planned} ${USUAL_TIME}`, timezone) : null;
      const { data } = await api.POST("/api/v1/campaigns", { body: { name: name.trim(), send_at, audience_at: "send", smart_sending: true, included: meant({ list, segment }), excluded: [] } });
      await refresh();
      if (data) await navigate({ to: inBrand(`/campaigns/${data.id}/edit`), replace: true });
    } catch (error) {
      setRefused(error instanceof ApiError ? error.detail : "The draft could not be made. Try again.");
      setBusy(false);
    }
  };
  return (
    <>
      <PageHeader title="New campaign" trail={[{ label: "Campaigns", to: inBrand("/campaigns") }]} description="One email, to the lists and segments you choose, at one time." />
      <Paper withBorder p="lg" maw={560} component="form" onSubmit={create} noValidate>
        <Stack>
          <TextInput
            label="Name"
            description="For you and your colleagues. It also names the campaign in links (utm_campaign), where recipients can see it."
            placeholder="Spring sale: first day"
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            error={refused}
            maxLength={200}
            data-autofocus
            autoFocus
          />
          {planned && <Text size="sm" c="dimmed">Planned for {dayInWords(planned)}, {USUAL_TIME} ({timezone}). You can change that later.</Text>}
          <Group justify="flex-end">
            <Button variant="default" component={Link} to={inBrand("/campaigns")}>Back</Button>
            <Button type="submit" loading={busy}>Choose who gets it</Button>
          </Group>
        </Stack>
      </Paper>
    </>
  );
}
