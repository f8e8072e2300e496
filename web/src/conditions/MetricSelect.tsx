// An event, by name: those the brand has had, the standard ones, or one that is still to come.
import { compact } from "@/ui/formats";

import { NameSelect, type NameSelectProps } from "./NameSelect";
import { useMetrics } from "./vocabulary";

export type NamedSelectProps = Omit<NameSelectProps, "choices" | "label"> & { label?: string };

export function MetricSelect({ label = "Event", ...props }: NamedSelectProps) {
  const choices = useMetrics().map(({ name, count }) => ({ name, hint: count > 0 ? compact(count) : undefined, group: count > 0 ? "Events so far" : "Not yet seen" }));
  return <NameSelect label={label} placeholder="Choose an event" choices={choices} {...props} />;
}
