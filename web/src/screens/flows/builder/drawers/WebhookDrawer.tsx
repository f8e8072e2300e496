// Calling another system: where to, with what.
import { ActionIcon, Button, Group, Input, JsonInput, Stack, Text, TextInput } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useState } from "react";

import { useBuilder } from "../builder";
import { without } from "../document";
import type { DrawerProps } from "../drawer";
import { StatusField } from "../fields/StatusField";
import type { Json, Webhook } from "../steps";

type Call = Webhook["webhook"];

export function WebhookDrawer({ step, put, wrong }: DrawerProps<Webhook>) {
  const { editable } = useBuilder();
  const { webhook } = step;
  const set = (fields: Partial<Call>, about?: string) => put({ webhook: without({ ...webhook, ...fields }) }, about);
  const headers = Object.entries(webhook.headers ?? {});
  const write = (next: [string, string][], about?: string) => set({ headers: next.length > 0 ? Object.fromEntries(next) : undefined }, about);
  return (
    <Stack>
      <TextInput label="Address" type="url" required placeholder="https://example.com/hook" value={webhook.url} error={wrong("webhook.url")} onChange={(event) => set({ url: event.currentTarget.value }, "url")} />
      <Input.Wrapper label="Headers" labelElement="div" error={wrong("webhook.headers")}>
        <Stack gap="xs" mt={4}>
          {headers.map(([name, value], index) => (
            <Group key={index} gap="xs" wrap="nowrap">
              <TextInput aria-label={`Name of header ${index + 1}`} placeholder="X-Name" value={name} style={{ flex: 1 }} onChange={(event) => write(headers.with(index, [event.currentTarget.value, value]), `header ${index}`)} />
              <TextInput aria-label={`Value of header ${index + 1}`} placeholder="Value" value={value} style={{ flex: 1 }} onChange={(event) => write(headers.with(index, [name, event.currentTarget.value]), `value ${index}`)} />
              {editable && <ActionIcon color="red" aria-label={`Remove header ${index + 1}`} onClick={() => write(headers.toSpliced(index, 1))}><IconTrash size={16} /></ActionIcon>}
            </Group>
          ))}
          {editable && <Button size="xs" variant="default" leftSection={<IconPlus size={14} />} style={{ alignSelf: "flex-start" }} onClick={() => write([...headers, ["", ""]])}>A header</Button>}
        </Stack>
      </Input.Wrapper>
      <BodyField value={webhook.body} onChange={(body) => set({ body }, "body")} error={wrong("webhook.body")} />
      <Text size="xs" c="dimmed">A POST with JSON, signed with the brand's secret. Tried again for a day if it fails.</Text>
      <StatusField value={step.status} onChange={(status) => put({ status })} />
    </Stack>
  );
}

/** What is typed is kept as it is; the flow gets it once it is JSON. */
function BodyField({ value, onChange, error }: { value: Json | undefined; onChange: (value: Json | undefined) => void; error?: string }) {
  const [typed, setTyped] = useState(() => (value === undefined ? "" : JSON.stringify(value, null, 2)));
  const [broken, setBroken] = useState(false);
  const type = (text: string) => {
    setTyped(text);
    try {
      onChange(text.trim() === "" ? undefined : (JSON.parse(text) as Json));
      setBroken(false);
    } catch {
      setBroken(true);
    }
  };
  return (
    <JsonInput
      label="Body"
      description="JSON, whose texts are templates: {{ email }}, {{ event.order_id }}. Left out: the person and the event."
      autosize
      minRows={4}
      maxRows={16}
      styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
      value={typed}
      onChange={type}
      error={broken ? "This is not JSON yet; what it was before is kept." : error}
      placeholder={'{ "email": "{{ email }}" }'}
    />
  );
}
