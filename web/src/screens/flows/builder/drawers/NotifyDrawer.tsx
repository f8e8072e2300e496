// An email to one's own team.
import { TagsInput, Text, Textarea, TextInput } from "@mantine/core";

import { without } from "../document";
import type { DrawerProps } from "../drawer";
import { StatusField } from "../fields/StatusField";
import type { Notify } from "../steps";

export function NotifyDrawer({ step, put, wrong }: DrawerProps<Notify>) {
  const { notify } = step;
  const set = (fields: Partial<Notify["notify"]>, about?: string) => put({ notify: without({ ...notify, ...fields }) }, about);
  return (
    <>
      <TagsInput label="To" description="Addresses of your team, up to 20." required maxTags={20} placeholder="team@example.com" splitChars={[",", " ", ";"]} acceptValueOnBlur value={[notify.to].flat()} error={wrong("notify.to")} onChange={(to) => set({ to })} />
      <TextInput label="Subject" required value={notify.subject} error={wrong("notify.subject")} onChange={(event) => set({ subject: event.currentTarget.value }, "subject")} />
      <Textarea label="Text" autosize minRows={4} maxRows={14} value={notify.text ?? ""} error={wrong("notify.text")} onChange={(event) => set({ text: event.currentTarget.value || undefined }, "text")} />
      <Text size="xs" c="dimmed">Subject and text are templates: {"{{ first_name }}"}, {"{{ email }}"}, {"{{ event.value }}"}.</Text>
      <StatusField sent value={step.status} onChange={(status) => put({ status })} />
    </>
  );
}
