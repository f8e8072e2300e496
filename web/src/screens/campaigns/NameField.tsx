// The name of a campaign, where its author can change it.
import { Paper, TextInput } from "@mantine/core";

import type { CampaignDraft } from "./useCampaignDraft";

export function NameField({ draft }: { draft: CampaignDraft }) {
  const refused = draft.refused?.field?.endsWith("name") ? draft.refused.detail : undefined;
  return (
    <Paper withBorder p="lg" mb="md">
      <TextInput
        label="Name"
        description="For you and your colleagues; links carry it as utm_campaign."
        value={draft.fields.name}
        onChange={(event) => draft.change({ name: event.currentTarget.value })}
        error={draft.fields.name.trim() ? refused : "A campaign needs a name."}
        maxLength={200}
        maw={560}
      />
    </Paper>
  );
}
