// A property of the profile that holds a date; one that nobody has yet can be named too.
import { Autocomplete } from "@mantine/core";

import { query } from "@/api/client";

export function DatePropertyField({ value, onChange, error }: { value: string; onChange: (name: string) => void; error?: string }) {
  const { data = [] } = query.useQuery("get", "/api/v1/properties", {}, { staleTime: 5 * 60_000 });
  return <Autocomplete label="Date property of the profile" placeholder="birthday" required data={[...data.filter((one) => one.kind === "date"), ...data.filter((one) => one.kind === "text")].map((one) => one.path)} value={value} onChange={onChange} error={error} limit={50} />;
}
