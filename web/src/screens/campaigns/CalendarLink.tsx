// One campaign in the calendar: its time, its name, its state by colour and by word.
import { Text, VisuallyHidden } from "@mantine/core";
import { IconTimeline } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";

import { useInBrand } from "@/app/places";
import { people, words } from "@/ui/formats";
import { useTimes } from "@/ui/times";

import classes from "./Calendar.module.css";
import type { CalendarEntry } from "./shapes";

export function CalendarLink({ entry }: { entry: CalendarEntry }) {
  const inBrand = useInBrand();
  const times = useTimes();
  const draft = entry.status === "draft";
  const told = [words(entry.status), entry.series && `series “${entry.series}”`, entry.recipients > 0 && people(entry.recipients)].filter(Boolean).join(", ");
  return (
    <Link to={inBrand(draft ? `/campaigns/${entry.id}/edit` : `/campaigns/${entry.id}`)} className={classes.entry} data-status={entry.status} title={`${entry.name}: ${told}`}>
      <Text span inherit className={`numbers ${classes.time}`}>{times.time(entry.at)}</Text>
      <span className={classes.name}>{entry.series && !entry.name.includes(entry.series) ? `${entry.series}: ${entry.name}` : entry.name}</span>
      {entry.series && <IconTimeline size={12} aria-hidden className={classes.series} />}
      <VisuallyHidden>, {told}</VisuallyHidden>
    </Link>
  );
}
