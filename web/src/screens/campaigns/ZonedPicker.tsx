// A day and a time of day, as a clock in the brand's zone shows them; what it gives is an instant.
import "@mantine/dates/styles.layer.css";

import { DateTimePicker, type DateTimePickerProps } from "@mantine/dates";
import dayjs from "dayjs";

import { useBrand } from "@/app/session";
import { dayOf, instantOf, wallOf } from "@/ui/zoned";

interface Props extends Pick<DateTimePickerProps, "label" | "description" | "aria-label" | "maw"> {
  value: string;
  onChange: (at: string) => void;
  /** The instance's time; days before it cannot be chosen. */
  now: string | undefined;
  /** What to say of a time that has passed. */
  past: string;
}

const SHOWN = "ddd D MMM YYYY, HH:mm";

export function ZonedPicker({ value, onChange, now, past, ...rest }: Props) {
  const { timezone } = useBrand();
  const wall = wallOf(value, timezone);
  // A name of its own must say what the button shows, too.
  const named = rest["aria-label"] && `${rest["aria-label"]}: ${dayjs(wall).format(SHOWN)}`;
  return (
    <DateTimePicker
      {...rest}
      aria-label={named}
      value={wall}
      onChange={(next) => next && onChange(instantOf(next, timezone))}
      minDate={now && dayOf(now, timezone)}
      valueFormat={SHOWN}
      firstDayOfWeek={1}
      highlightToday={false}
      weekendDays={[]}
      ariaLabels={{ previousMonth: "The month before", nextMonth: "The month after", previousYear: "The year before", nextYear: "The year after", monthLevelControl: "Choose a month", yearLevelControl: "Choose a year" }}
      popoverProps={{ withRoles: false }}
      error={now && new Date(value) < new Date(now) ? past : undefined}
      timePickerProps={{ hoursInputLabel: "Hours", minutesInputLabel: "Minutes" }}
      submitButtonProps={{ "aria-label": "Take this time" }}
    />
  );
}
