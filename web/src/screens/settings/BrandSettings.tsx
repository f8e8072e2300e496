// The brand itself: name, zone, currency, postal address, and how its public pages look.
import { ColorInput, Select, Textarea, TextInput } from "@mantine/core";

import { BrandPreview } from "./BrandPreview";
import { Part, SavedForm, SettingsPage, SettingsWaiting } from "./SettingsPage";
import { type BrandOut, useBrandForm, useStoredBrand } from "./useBrandForm";
import { currencies, zones } from "./zones";

const NAMES = ["name", "website_url", "timezone", "currency", "postal_address", "brand_color", "logo_url"] as const;

/** To begin with; any colour can be typed. */
const SWATCHES = ["#1d1c1a", "#0f766e", "#1864ab", "#5f3dc4", "#a61e4d", "#c92a2a", "#d9480f", "#e67700", "#2b8a3e", "#495057", "#ffd43b", "#74c0fc", "#faa2c1", "#b2f2bb"];

export function BrandSettings() {
  const { data, error, refetch } = useStoredBrand();
  return data ? <Form stored={data} /> : <SettingsWaiting title="Brand" error={error} retry={() => void refetch()} />;
}

function Form({ stored }: { stored: BrandOut }) {
  const form = useBrandForm("brand", stored, NAMES);
  const { value, set, error, locked } = form;
  const text = (name: "name" | "website_url" | "logo_url") => ({
    value: value[name], error: error(name), readOnly: locked, onChange: (event: { currentTarget: { value: string } }) => set(name, event.currentTarget.value),
  });
  return (
    <SettingsPage title="Brand" description="What belongs to the brand as a whole.">
      <SavedForm form={form}>
        <Part title="Identity" words="The name stands on public pages and in emails that name the brand.">
          <TextInput label="Name" required maxLength={200} {...text("name")} />
          <TextInput label="Website" type="url" placeholder="https://shop.example" {...text("website_url")} />
        </Part>
        <Part title="Postal address" words="It stands at the foot of every marketing email. The law asks for it; without it none goes.">
          <Textarea
            label="Address"
            description="As on an envelope, with the country."
            autosize
            minRows={3}
            maxLength={500}
            value={value.postal_address}
            error={error("postal_address")}
            readOnly={locked}
            onChange={(event) => set("postal_address", event.currentTarget.value)}
          />
        </Part>
        <Part title="Time and money" words="Days of reports, send times and quiet hours of people whose zone is not known go by the brand’s time zone.">
          <Select label="Time zone" data={zones(stored.timezone)} searchable allowDeselect={false} limit={80} value={value.timezone} error={error("timezone")} disabled={locked} onChange={(next) => next && set("timezone", next)} nothingFoundMessage="No zone is called that." />
          <Select label="Currency" description="Of orders and reports. Amounts that are stored are not converted." data={currencies(stored.currency)} searchable allowDeselect={false} limit={80} value={value.currency} error={error("currency")} disabled={locked} onChange={(next) => next && set("currency", next)} nothingFoundMessage="No currency is called that." />
        </Part>
        <Part title="Look" words="For the pages that people see: unsubscribe, preferences, confirmation. A colour too pale to be seen is shown darker; words on it are black or white, whichever can be read.">
          <ColorInput label="Colour" description="Leave it empty for black and white." placeholder="#0f766e" format="hex" value={value.brand_color} error={error("brand_color")} disabled={locked} onChange={(next) => set("brand_color", next.toLowerCase())} withPicker={false} swatches={SWATCHES} swatchesPerRow={7} eyeDropperButtonProps={{ "aria-label": "Pick a colour from the screen" }} />
          <TextInput label="Logo" description="The address of an image. Public pages show it only if the image is on this instance: they tell no other host who looks at them." placeholder="/images/…/logo.png" {...text("logo_url")} />
          <BrandPreview name={value.name} colour={value.brand_color} logo={value.logo_url} />
        </Part>
      </SavedForm>
    </SettingsPage>
  );
}
