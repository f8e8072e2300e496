// The frame of a page of settings: its head, a card for each part, and the one place to save.
import { Alert, Button, Card, Group, Skeleton, Stack, Text, Title } from "@mantine/core";
import { IconLock } from "@tabler/icons-react";
import type { FormEvent, ReactNode } from "react";

import { PageHeader } from "@/ui/PageHeader";
import { Failed } from "@/ui/states";

import classes from "./settings.module.css";
import type { BrandForm, Setting } from "./useBrandForm";

export function SettingsPage({ title, description, actions, children }: { title: string; description?: ReactNode; actions?: ReactNode; children: ReactNode }) {
  return (
    <div className={classes.page}>
      <PageHeader title={title} description={description} actions={actions} />
      <Stack gap="md">{children}</Stack>
    </div>
  );
}

/** A part of a page: what it is about at the left, its fields at the right. */
export function Part({ title, children, words, id }: { title: string; words?: ReactNode; children: ReactNode; id?: string }) {
  return (
    <Card component="section" aria-label={title} className={classes.part} id={id}>
      <div className={classes.about}>
        <Title order={2} fz="md">{title}</Title>
        {words && <Text size="sm" c="dimmed" mt={4} component="div">{words}</Text>}
      </div>
      <Stack gap="md" className={classes.fields}>{children}</Stack>
    </Card>
  );
}

/** The parts as a form; the bar to save comes into view with the first change. */
export function SavedForm<Name extends Setting>({ form, children }: { form: BrandForm<Name>; children: ReactNode }) {
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!form.busy && form.unsaved) void form.save();
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        {form.locked && <Alert color="gray" icon={<IconLock size={18} />}>You can look at these settings. Admins and owners of the brand change them.</Alert>}
        {children}
      </Stack>
      {form.unsaved && !form.locked && (
        <div className={classes.bar} role="region" aria-label="Unsaved changes">
          <Text size="sm" fw={500}>{form.refused ? <Text span inherit c="red" role="alert">{form.refused}</Text> : "There are changes that are not saved."}</Text>
          <Group gap="sm" wrap="nowrap">
            <Button variant="default" onClick={form.reset} disabled={form.busy}>Discard</Button>
            <Button type="submit" loading={form.busy}>Save</Button>
          </Group>
        </div>
      )}
    </form>
  );
}

export function SettingsWaiting({ title, error, retry }: { title: string; error: unknown; retry: () => void }) {
  return (
    <SettingsPage title={title}>
      {error ? <Failed error={error} retry={retry} /> : [0, 1].map((one) => (
        <Card key={one} className={classes.part} role="status" aria-busy="true" aria-label="Loading">
          <div className={classes.about}><Skeleton height={18} width={140} /><Skeleton height={12} mt="sm" /></div>
          <Stack className={classes.fields}>{[0, 1, 2].map((field) => <Skeleton key={field} height={56} />)}</Stack>
        </Card>
      ))}
    </SettingsPage>
  );
}
