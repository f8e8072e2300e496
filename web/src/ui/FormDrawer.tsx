// A form at the side: what it is about stays in view.
import { Button, Drawer, Group, ScrollArea, Stack, Text } from "@mantine/core";
import type { FormEvent, ReactNode } from "react";

import { useFocusBack } from "./useFocusBack";

interface Props {
  opened: boolean;
  onClose: () => void;
  title: string;
  children: ReactNode;
  /** The verb of the button; without it the drawer only shows. */
  action?: string;
  busy?: boolean;
  refused?: string | null;
  onSubmit?: () => void;
  size?: string | number;
}

export function FormDrawer({ opened, onClose, title, children, action, busy, refused, onSubmit, size }: Props) {
  useFocusBack(opened);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSubmit?.();
  };
  return (
    <Drawer opened={opened} onClose={onClose} title={title} size={size} scrollAreaComponent={ScrollArea.Autosize} closeButtonProps={{ "aria-label": "Close" }}>
      <form onSubmit={submit}>
        <Stack>
          {children}
          {refused && <Text size="sm" c="red" role="alert">{refused}</Text>}
          {action && (
            <Group justify="flex-end">
              <Button variant="default" onClick={onClose}>Cancel</Button>
              <Button type="submit" loading={busy}>{action}</Button>
            </Group>
          )}
        </Stack>
      </form>
    </Drawer>
  );
}
