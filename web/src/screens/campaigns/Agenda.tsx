// The days of a month that have campaigns, one under the other: for telephones.
import { Paper, Stack, Text, Title } from "@mantine/core";

import classes from "./Calendar.module.css";
import { CalendarLink } from "./CalendarLink";
import { byDay, dayInWords } from "./month";
import type { MonthProps } from "./MonthGrid";

export function Agenda({ month, today, campaigns }: MonthProps) {
  const mine = campaigns.filter((one) => one.day.startsWith(month));
  const days = [...byDay(mine)];
  if (days.length === 0) return <Text c="dimmed" size="sm">No campaign has a time in this month.</Text>;
  return (
    <Stack gap="md">
      {days.map(([day, entries]) => (
        <Paper withBorder p="sm" key={day} component="section" className={classes.agendaDay}>
          <Title order={3} fz="sm" mb="xs">{day === today ? `Today, ${dayInWords(day)}` : dayInWords(day)}</Title>
          <Stack gap={6}>{entries.map((entry) => <CalendarLink key={entry.id} entry={entry} />)}</Stack>
        </Paper>
      ))}
    </Stack>
  );
}
