// A coupon of the brand, or one that the flow brings with it.
import { Select } from "@mantine/core";

import { query } from "@/api/client";

import { useBuilder } from "../builder";

interface Props {
  label: string;
  description?: string;
  value: string;
  onChange: (name: string) => void;
  error?: string;
}

export function CouponField({ label, description, value, onChange, error }: Props) {
  const { flow } = useBuilder();
  const { data } = query.useQuery("get", "/api/v1/coupons", { params: { query: { limit: 1000 } } }, { staleTime: 60_000 });
  const names = new Set([...(data?.data ?? []).map((one) => one.name), ...Object.keys(flow.coupons ?? {}), ...(value ? [value] : [])]);
  return <Select label={label} description={description} placeholder="Choose a coupon" required searchable data={[...names]} value={value || null} allowDeselect={false} nothingFoundMessage="No such coupon. Make it under Coupons." error={error} onChange={(next) => next && onChange(next)} />;
}
