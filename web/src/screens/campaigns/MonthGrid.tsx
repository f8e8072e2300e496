// A month as a grid of days, each with its campaigns in the order of time.
import { Paper, Popover, Stack, Text, UnstyledButton } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";

import { useInBrand } from "@/app/places";

import classes from "./Calendar.module.css";
import { CalendarLink } from "./CalendarLink";
import { byDay, dayInWords, monthInWords, weeksOf } from "./month";
import type { CalendarEntry } from "./shapes";

const WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const SHOWN = 4;

export interface MonthProps {
  month: string;
  today: string;
  campaigns: CalendarEntry[];
  mayPlan: boolean;
}

export function MonthGrid({ month, today, campaigns, mayPlan }: MonthProps) {
  const days = byDay(campaigns);
  return (
    <Paper withBorder className={classes.frame}>
      <table className={classes.month} aria-label={monthInWords(month)}>
        <thead>
          <tr>{WEEKDAYS.map((name) => <th key={name} scope="col" abbr={name}>{name.slice(0, 3)}</th>)}</tr>
        </thead>
        <tbody>
          {weeksOf(month).map((week) => (
            <tr key={week[0]}>
              {week.map((day) => (
                <td key={day} data-other={day.slice(0, 7) !== month || undefined} data-today={day === today || undefined}>
                  <Day day={day} today={today} entries={days.get(day) ?? []} mayPlan={mayPlan} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Paper>
  );
}

function Day({ day, today, entries, mayPlan }: { day: string; today: string; entries: CalendarEntry[]; mayPlan: boolean }) {
  const inBrand = useInBrand();
  const more = entries.length > SHOWN ? entries.slice(SHOWN - 1) : [];
  const shown = more.length > 0 ? entries.slice(0, SHOWN - 1) : entries;
  return (
    <div className={classes.day}>
      <div className={classes.dayHead}>
        <time dateTime={day} aria-label={day === today ? `Today, ${dayInWords(day)}` : dayInWords(day)} aria-current={day === today ? "date" : undefined}>{Number(day.slice(8))}</time>
        {mayPlan && day >= today && (
          <Link to={inBrand("/campaigns/new")} search={{ day } as never} className={classes.plus} aria-label={`New campaign on ${dayInWords(day)}`}><IconPlus size={14} aria-hidden /></Link>
        )}
      </div>
      {shown.map((entry) => <CalendarLink key={entry.id} entry={entry} />)}
      {more.length > 0 && (
        <Popover position="bottom-start" width={280} shadow="md" trapFocus>
          <Popover.Target>
            <UnstyledButton className={classes.more}>{more.length} more</UnstyledButton>
          </Popover.Target>
          <Popover.Dropdown>
            <Text fw={600} size="sm" mb="xs">{dayInWords(day)}</Text>
            <Stack gap={4}>{entries.map((entry) => <CalendarLink key={entry.id} entry={entry} />)}</Stack>
          </Popover.Dropdown>
        </Popover>
      )}
    </div>
  );
}
