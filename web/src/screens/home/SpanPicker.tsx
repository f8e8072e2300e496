// How many days the page looks back.
import { SegmentedControl } from "@mantine/core";

export const LENGTHS = ["7", "30", "90", "365"] as const;
export type Length = (typeof LENGTHS)[number];

const NAMES: Record<Length, string> = { "7": "7 days", "30": "30 days", "90": "90 days", "365": "12 months" };

export function SpanPicker({ value, onChange }: { value: Length; onChange: (value: Length) => void }) {
  return (
    <SegmentedControl
      aria-label="How far back"
      value={value}
      onChange={(next) => onChange(next as Length)}
      data={LENGTHS.map((one) => ({ value: one, label: NAMES[one] }))}
    />
  );
}
