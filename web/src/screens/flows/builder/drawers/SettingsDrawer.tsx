// How the flow behaves as a whole: what it is for, and when its emails may go out.
import { Switch, Text, Textarea, TextInput } from "@mantine/core";

import { useBuilder } from "../builder";
import { without } from "../document";
import { useProblems, wrongAt } from "../drawer";
import { TimeField } from "../fields/TimeField";
import { WeekdaysField } from "../fields/WeekdaysField";
import type { Definition, SendWindow } from "../steps";

export function SettingsDrawer() {
  const { flow, edit } = useBuilder();
  const problems = useProblems("");
  const put = (fields: Partial<Definition>, about?: string) => edit(without({ ...flow, ...fields }) as Definition, about);
  const window = flow.send_window;
  const set = (fields: Partial<SendWindow>, about?: string) => put({ send_window: without({ ...window!, ...fields }) }, about);
  return (
    <>
      <Textarea label="Description" description="For your team." autosize minRows={2} maxRows={8} value={flow.description ?? ""} onChange={(event) => put({ description: event.currentTarget.value || undefined }, "description")} />
      <Switch label="Send only at certain hours" description="In each person's own time zone. Emails that come due at other times wait." checked={window !== undefined} onChange={(event) => put({ send_window: event.currentTarget.checked ? { from: "09:00", to: "18:00" } : undefined })} />
      {window && (
        <>
          <TimeField label="From" required value={window.from} onChange={(from) => from && set({ from }, "from")} error={wrongAt(problems, "send_window.from")} />
          <TimeField label="To" required value={window.to} onChange={(to) => to && set({ to }, "to")} error={wrongAt(problems, "send_window.to")} />
          <WeekdaysField label="On" description="None chosen: on any day." value={window.weekdays} onChange={(weekdays) => set({ weekdays })} error={wrongAt(problems, "send_window.weekdays")} />
        </>
      )}
      <TextInput label="Short name" description="Used by files and by the API. It does not change." value={flow.flow} readOnly />
      {flow.coupons && <Text size="sm">Brings the coupons {Object.keys(flow.coupons).join(", ")}: they are made when it is published, unless they exist.</Text>}
    </>
  );
}
