// The name of a property of the profile: one that is known, or a new one.
import { Autocomplete } from "@mantine/core";

import { query } from "@/api/client";

export function PropertyNameField({ value, onChange, error }: { value: string; onChange: (name: string) => void; error?: string }) {
  const { data = [] } = query.useQuery("get", "/api/v1/properties", {}, { staleTime: 5 * 60_000 });
  return <Autocomplete aria-label="Property" placeholder="Property" data={data.map((one) => one.path)} value={value} onChange={onChange} error={error} limit={50} style={{ flex: 1 }} />;
}
