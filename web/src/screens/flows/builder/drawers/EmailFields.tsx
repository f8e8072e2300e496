// What an email of a flow can be told: for an email step, and for each email of a test.
import { Anchor, Button, Collapse, Group, Input, Stack, Switch, Text, TextInput } from "@mantine/core";
import { IconEye, IconPencil, IconPencilPlus } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useState } from "react";

import { useInBrand } from "@/app/places";
import { NewTemplate } from "@/screens/content/NewTemplate";
import { TemplatePicker } from "@/screens/content/TemplatePicker";

import { emailsOf, everyStep } from "../branches";
import { useBuilder } from "../builder";
import { type Wrong, wrongAt } from "../drawer";
import { AsksPerson } from "../fields/Asks";
import { StatusField } from "../fields/StatusField";
import type { Email } from "../steps";
import { useTemplateId } from "../subject";
import { Preview } from "./Preview";
import { UtmFields } from "./UtmFields";

interface Props<E extends Email> {
  email: E;
  put: (fields: Partial<Email>, about?: string) => void;
  problems: Wrong[];
  /** Where the email stands in its step: "" or "ab_test[0]". */
  path: string;
}

export function EmailFields<E extends Email>({ email, put, problems, path }: Props<E>) {
  const { editable } = useBuilder();
  const wrong = (field: string) => wrongAt(problems, path ? `${path}.${field}` : field);
  const template = useTemplateId(email);
  return (
    <>
      <TextInput label="Name" description="For your team. Recipients see the subject." value={email.name ?? ""} placeholder={email.id} error={wrong("name")} onChange={(event) => put({ name: event.currentTarget.value || undefined }, "name")} />
      <TemplatePicker
        label="Email"
        value={template}
        required
        disabled={!editable}
        error={wrong("email")}
        onChange={(chosen) => put({ email: chosen.name, template_id: chosen.id, name: email.name ?? chosen.name })}
      />
      {template !== null ? <Content template={template} /> : editable && <NewEmail email={email} put={put} />}
      <StatusField sent value={email.status} onChange={(status) => put({ status })} />
      <Switch label="Smart sending" description="Skip people who got another email recently." checked={email.smart_sending ?? true} onChange={(event) => put({ smart_sending: event.currentTarget.checked ? undefined : false })} />
      <Switch label="Transactional" description="Also goes to people who did not subscribe. Only for what they need to know, such as receipts." checked={email.transactional ?? false} onChange={(event) => put({ transactional: event.currentTarget.checked || undefined })} />
      <OwnFilters email={email} put={put} problems={problems} path={path ? `${path}.filters` : "filters"} />
      <UtmFields value={email.utm} onChange={(utm) => put({ utm }, "utm")} error={wrong("utm")} />
    </>
  );
}

function Content({ template }: { template: number }) {
  const inBrand = useInBrand();
  const { editable } = useBuilder();
  // Whoever only reads has no buttons in here, and sees it at once.
  const [opened, setOpened] = useState(!editable);
  return (
    <Stack gap="xs">
      <Preview template={template} opened={opened} />
      <Group gap="xs">
        <Anchor component={Link} to={inBrand(`/templates/${template}`)} size="sm"><Group gap={4}><IconPencil size={15} aria-hidden /> {editable ? "Edit the email" : "Open the email"}</Group></Anchor>
        {editable && <Button size="compact-sm" variant="subtle" leftSection={<IconEye size={15} />} onClick={() => setOpened(!opened)} aria-expanded={opened}>{opened ? "Hide the preview" : "Show the preview"}</Button>}
      </Group>
    </Stack>
  );
}

/** An email for this step, written from a layout: it is chosen here, and opened. */
function NewEmail({ email, put }: Pick<Props<Email>, "email" | "put">) {
  const { flow } = useBuilder();
  const [opened, setOpened] = useState(false);
  const number = [...everyStep(flow.steps)].flatMap(emailsOf).findIndex((one) => one.id === email.id) + 1;
  return (
    <>
      <Button size="xs" variant="light" leftSection={<IconPencilPlus size={15} />} style={{ alignSelf: "flex-start" }} onClick={() => setOpened(true)}>Write a new email</Button>
      <NewTemplate title="New email" opened={opened} onClose={() => setOpened(false)} called={email.name ?? `${flow.name ?? flow.flow} ${number}`} onMade={(template_id, name) => put({ email: name, template_id, name: email.name ?? name })} />
    </>
  );
}

function OwnFilters({ email, put, problems, path }: Props<Email>) {
  const has = email.filters !== undefined && email.filters !== null;
  return (
    <Input.Wrapper labelElement="div">
      <Switch label="Only for some people" description="Asked when it is sent. Others skip this email and go on." checked={has} onChange={(event) => put({ filters: event.currentTarget.checked ? [] : undefined })} />
      <Collapse expanded={has} mt="xs">
        {has && <AsksPerson label="Send it only if" value={email.filters!} onChange={(filters) => put({ filters }, "filters")} path={path} problems={problems} />}
      </Collapse>
      {has && Array.isArray(email.filters) && email.filters.length === 0 && <Text size="xs" c="dimmed">Nothing is asked yet: it goes to everybody.</Text>}
    </Input.Wrapper>
  );
}
