// How often and when one person may be written to, and who may be at all.
import { NumberInput, Radio, Stack, Switch, TextInput } from "@mantine/core";

import { useTimes } from "@/ui/times";

import { FrequencyCaps } from "./FrequencyCaps";
import { Part, SavedForm, SettingsPage, SettingsWaiting } from "./SettingsPage";
import { type BrandOut, useBrandForm, useStoredBrand } from "./useBrandForm";

const NAMES = ["smart_sending_hours", "quiet_hours", "frequency_caps", "require_consent"] as const;
const USUAL = { from: "21:00", to: "08:00" };

export function LimitSettings() {
  const { data, error, refetch } = useStoredBrand();
  return data ? <Form stored={data} /> : <SettingsWaiting title="Sending limits" error={error} retry={() => void refetch()} />;
}

function Form({ stored }: { stored: BrandOut }) {
  const form = useBrandForm("limits", stored, NAMES);
  const { zone } = useTimes();
  const { value, set, error, locked } = form;
  const quiet = value.quiet_hours;
  return (
    <SettingsPage title="Sending limits" description="They hold for marketing email; transactional email goes at once.">
      <SavedForm form={form}>
        <Part title="Consent" words="Unsubscribed and suppressed people get no marketing email, whichever you choose.">
          <Radio.Group label="Who may get marketing email" value={value.require_consent ? "yes" : "no"} onChange={(next) => set("require_consent", next === "yes")}>
            <Stack gap="sm" mt="xs">
              <Radio value="yes" disabled={locked} label="Only people who subscribed" description="What the law asks for in the EU, the UK, Canada and elsewhere." />
              <Radio value="no" disabled={locked} label="Everybody who has not unsubscribed" description="People who never subscribed get it, too, such as customers." />
            </Stack>
          </Radio.Group>
        </Part>
        <Part title="Smart sending" words="Who got an email within these hours is left out of the next one that has smart sending on.">
          <NumberInput label="Hours between two emails" min={0} max={720} allowDecimal={false} clampBehavior="strict" suffix=" h" value={value.smart_sending_hours} error={error("smart_sending_hours")} readOnly={locked} onChange={(next) => typeof next === "number" && set("smart_sending_hours", next)} description={value.smart_sending_hours === 0 ? "0: off." : "0 switches it off."} w={220} />
        </Part>
        <Part title="Quiet hours" words={`By the person’s own clock; where their time zone is not known, by the brand’s (${zone}). An email that is due then waits for the end.`}>
          <Switch label="Keep quiet hours" checked={quiet !== null} disabled={locked} onChange={(event) => set("quiet_hours", event.currentTarget.checked ? USUAL : null)} />
          {quiet && (
            <Stack gap="sm" maw={220}>
              <TextInput type="time" label="From" required value={quiet.from} readOnly={locked} onChange={(event) => set("quiet_hours", { ...quiet, from: event.currentTarget.value })} error={error("quiet_hours")} />
              <TextInput type="time" label="Until" required value={quiet.to} readOnly={locked} onChange={(event) => set("quiet_hours", { ...quiet, to: event.currentTarget.value })} description={quiet.from > quiet.to ? "of the next day" : undefined} />
            </Stack>
          )}
        </Part>
        <Part title="Frequency caps" words="Emails over any of these are skipped, and say so. Days are calendar days of the person’s zone; one day is today.">
          <FrequencyCaps caps={value.frequency_caps} onChange={(caps) => set("frequency_caps", caps)} locked={locked} error={error("frequency_caps")} />
        </Part>
      </SavedForm>
    </SettingsPage>
  );
}
