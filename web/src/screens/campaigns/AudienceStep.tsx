// Who gets it: lists and segments to send to and to leave out, counted live.
import { Alert, Anchor, Paper, Stack } from "@mantine/core";
import { IconUsersGroup } from "@tabler/icons-react";
import { keepPreviousData } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { query } from "@/api/client";
import { useInBrand } from "@/app/places";
import { count } from "@/ui/formats";
import { Failed, LoadingRows } from "@/ui/states";

import { AudienceNumbers } from "./AudienceNumbers";
import { PartsPicker } from "./PartsPicker";
import type { Part } from "./shapes";
import type { CampaignDraft, Fields } from "./useCampaignDraft";
import { useParts } from "./useParts";
import classes from "./Wizard.module.css";

/** An audience counted; asked again whenever a part of it changes. */
export function useAudience({ included, excluded, send_at, smart_sending }: Pick<Fields, "included" | "excluded" | "send_at" | "smart_sending">) {
  return query.useQuery(
    "post",
    "/api/v1/campaigns/estimate",
    { body: { included, excluded, send_at, smart_sending } },
    { enabled: included.length > 0, placeholderData: keepPreviousData, staleTime: 30_000 },
  );
}

export function AudienceStep({ draft }: { draft: CampaignDraft }) {
  const { fields, change } = draft;
  return <AudienceForm fields={fields} onChange={change} />;
}

function NobodyToChoose() {
  const inBrand = useInBrand();
  const way = (to: string, words: string) => <Anchor component={Link} to={inBrand(to)} inherit underline="always">{words}</Anchor>;
  return (
    <Alert color="yellow" icon={<IconUsersGroup />} title="There is no list and no segment yet">
      {way("/imports/new", "Import people")} and put them on a {way("/lists", "list")}, or make a {way("/segments/new", "segment")}, then come back. What you have chosen here is kept.
    </Alert>
  );
}

interface FormProps {
  fields: Pick<Fields, "included" | "excluded" | "send_at" | "smart_sending">;
  onChange: (parts: { included?: Part[]; excluded?: Part[] }) => void;
}

export function AudienceForm({ fields, onChange }: FormProps) {
  const parts = useParts();
  const counted = useAudience(fields);
  // What is counted no longer is what is chosen, once nothing is.
  const shown = fields.included.length > 0 ? counted.data : undefined;
  if (parts.error) return <Failed error={parts.error} retry={parts.retry} />;
  if (!parts.choices) return <Paper withBorder p="lg"><LoadingRows rows={4} /></Paper>;
  return (
    <div className={classes.columns}>
      <Stack gap="md">
        {parts.choices.length === 0 && <NobodyToChoose />}
        <Paper withBorder p="lg">
          <PartsPicker
            label="Send to"
            description="Whoever is in any of these; each person gets one copy."
            placeholder={fields.included.length > 0 ? "Add another list or segment" : "Choose a list or a segment"}
            chosen={fields.included}
            taken={fields.excluded}
            elsewhere="left out"
            choices={parts.choices}
            counts={shown?.included}
            onChange={(included) => onChange({ included })}
            only={(one) => (fields.included.length > 1 ? `${count(one.only)} only through it` : "")}
          />
        </Paper>
        <Paper withBorder p="lg">
          <PartsPicker
            label="Leave out"
            description="Whoever is in any of these does not get it."
            placeholder={fields.excluded.length > 0 ? "Add another list or segment" : "Nobody is left out; choose a list or a segment"}
            chosen={fields.excluded}
            taken={fields.included}
            elsewhere="sent to"
            choices={parts.choices}
            counts={fields.included.length > 0 ? shown?.excluded : []}
            onChange={(excluded) => onChange({ excluded })}
            only={(one) => `${count(one.only)} taken away`}
          />
        </Paper>
      </Stack>
      <AudienceNumbers
        nothing={fields.included.length === 0}
        audience={shown}
        busy={counted.isFetching}
        error={counted.error}
        retry={() => void counted.refetch()}
      />
    </div>
  );
}
