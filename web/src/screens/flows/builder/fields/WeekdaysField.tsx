// Days of the week. None chosen means any day.
import { Chip, Group, Input } from "@mantine/core";

import type { Weekday } from "../steps";

const DAYS: [Weekday, string, string][] = [
  ["monday", "Mo", "Monday"], ["tuesday", "Tu", "Tuesday"], ["wednesday", "We", "Wednesday"], ["thursday", "Th", "Thursday"], ["friday", "Fr", "Friday"], ["saturday", "Sa", "Saturday"], ["sunday", "Su", "Sunday"],
];

interface Props {
  label: string;
  description?: string;
  value: Weekday[] | undefined;
  onChange: (value: Weekday[] | undefined) => void;
  error?: string;
}

export function WeekdaysField({ label, description, value = [], onChange, error }: Props) {
  const put = (chosen: string[]) => onChange(chosen.length > 0 ? DAYS.map(([day]) => day).filter((day) => chosen.includes(day)) : undefined);
  return (
    <Input.Wrapper label={label} description={description} error={error} labelElement="div">
      <Chip.Group multiple value={value} onChange={put}>
        <Group gap={4} mt={6} role="group" aria-label={label}>
          {DAYS.map(([day, short, whole]) => <Chip key={day} value={day} size="xs" radius="sm" aria-label={whole} icon={null}>{short}</Chip>)}
        </Group>
      </Chip.Group>
    </Input.Wrapper>
  );
}
