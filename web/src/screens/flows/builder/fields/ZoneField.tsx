// Whose clock a time of day is meant by: the person's own, or that of one place.
import { Select } from "@mantine/core";

import { useBrand } from "@/app/session";

const ZONES = Intl.supportedValuesOf("timeZone");

interface Props {
  value: string | undefined;
  onChange: (value: string | undefined) => void;
  error?: string;
}

export function ZoneField({ value = "profile", onChange, error }: Props) {
  const { timezone } = useBrand();
  const own = { value: "profile", label: "Each person's own time zone" };
  const others = ZONES.filter((zone) => zone !== timezone).map((zone) => ({ value: zone, label: zone }));
  return (
    <Select
      label="Time zone"
      description={value === "profile" ? `Where it is not known: ${timezone}.` : undefined}
      data={[{ group: "", items: [own, { value: timezone, label: `${timezone} (the brand's)` }] }, { group: "Other zones", items: others }]}
      value={value}
      searchable
      limit={60}
      allowDeselect={false}
      error={error}
      onChange={(next) => onChange(next === "profile" || next === null ? undefined : next)}
    />
  );
}
