// Waiting: for a span, until a time of day, or until so long before a code expires or a date comes.
import { SegmentedControl, Stack, Text } from "@mantine/core";

import type { DrawerProps } from "../drawer";
import { without } from "../document";
import { CouponField } from "../fields/CouponField";
import { DatePropertyField } from "../fields/DatePropertyField";
import { SpanField } from "../fields/SpanField";
import { TimeField } from "../fields/TimeField";
import { WeekdaysField } from "../fields/WeekdaysField";
import { ZoneField } from "../fields/ZoneField";
import type { Delay, DelayFields, Span } from "../steps";

type Way = "span" | "date" | "expiry";

const BEGINS: Record<Way, DelayFields> = {
  span: { days: 1 },
  date: { date: "", before: { days: 1 }, until: "09:00" },
  expiry: { expiry_of: "", before: { days: 1 } },
};

export function DelayDrawer({ step, put, wrong }: DrawerProps<Delay>) {
  const { delay } = step;
  const way: Way = "expiry_of" in delay ? "expiry" : "date" in delay ? "date" : "span";
  const set = (fields: DelayFields, about?: string) => put({ delay: without({ ...delay, ...fields }) }, about);
  return (
    <Stack>
      <SegmentedControl fullWidth aria-label="What is waited for" value={way} onChange={(next) => put({ delay: BEGINS[next as Way] })} data={[{ value: "span", label: "A time" }, { value: "date", label: "A date" }, { value: "expiry", label: "A code's end" }]} />
      {way === "span" && <For delay={delay} put={put} set={set} wrong={wrong} />}
      {way === "date" && (
        <>
          <DatePropertyField value={delay.date ?? ""} onChange={(date) => set({ date }, "date")} error={wrong("delay.date")} />
          <SpanField label="How long before" description="0 days is the day itself." zero value={delay.before} onChange={(before) => set({ before }, "before")} error={wrong("delay.before")} />
          <TimeField label="At" value={delay.until} onChange={(until) => set({ until }, "until")} error={wrong("delay.until")} />
          <ZoneField value={delay.timezone} onChange={(timezone) => set({ timezone })} error={wrong("delay.timezone")} />
          <Text size="xs" c="dimmed">Who has no such date, or whose time has passed, goes on at once.</Text>
        </>
      )}
      {way === "expiry" && (
        <>
          <CouponField label="The code of" value={delay.expiry_of ?? ""} onChange={(expiry_of) => set({ expiry_of })} error={wrong("delay.expiry_of")} />
          <SpanField label="How long before it expires" value={delay.before} onChange={(before) => set({ before }, "before")} error={wrong("delay.before")} />
          <Text size="xs" c="dimmed">Counted by each person's own code. Who has none, or whose time has passed, goes on at once.</Text>
        </>
      )}
    </Stack>
  );
}

function For({ delay, put, set, wrong }: Pick<DrawerProps<Delay>, "put" | "wrong"> & { delay: DelayFields; set: (fields: DelayFields, about?: string) => void }) {
  const { until, weekdays, timezone, before: _before, expiry_of: _expiry, date: _date, ...amount } = delay;
  const clock = until !== undefined || (weekdays?.length ?? 0) > 0;
  const putAmount = (span: Span) => put({ delay: without({ ...span, until, weekdays, timezone }) }, "amount");
  return (
    <>
      <SpanField label="Wait" value={amount} onChange={putAmount} error={wrong("delay.days") ?? wrong("delay.hours") ?? wrong("delay.minutes") ?? wrong("delay.weeks")} />
      <TimeField label="Then until" description="Without a time, exactly as long as above." value={until} onChange={(next) => set({ until: next }, "until")} error={wrong("delay.until")} />
      <WeekdaysField label="Only on" description="None chosen: on any day." value={weekdays} onChange={(next) => set({ weekdays: next })} error={wrong("delay.weekdays")} />
      {clock && <ZoneField value={timezone} onChange={(next) => set({ timezone: next })} error={wrong("delay.timezone")} />}
      <Text size="xs" c="dimmed">{until ? "Days are calendar days in that time zone; the wait ends at that time of day." : "A day is 24 hours, counted from when the step before was due."}</Text>
    </>
  );
}
