// A time of day.
import { TextInput } from "@mantine/core";

interface Props {
  label: string;
  description?: string;
  value: string | undefined;
  onChange: (value: string | undefined) => void;
  error?: string;
  required?: boolean;
}

/** Two digits for the hour, as the browser's field wants it. */
const padded = (time: string | undefined) => (time === undefined ? "" : time.padStart(time.length < 6 ? 5 : 8, "0"));

export function TimeField({ label, description, value, onChange, error, required }: Props) {
  return <TextInput type="time" label={label} description={description} value={padded(value)} error={error} required={required} w={150} onChange={(event) => onChange(event.currentTarget.value || undefined)} />;
}
