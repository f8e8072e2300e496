// Leaving with unsaved work is asked about; the work itself stays in this browser either way.
import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useBlocker } from "@tanstack/react-router";

export function LeaveGuard({ unsaved, onSave }: { unsaved: boolean; onSave: (() => Promise<boolean>) | null }) {
  const blocker = useBlocker({ shouldBlockFn: ({ current, next }) => unsaved && current.pathname !== next.pathname, enableBeforeUnload: false, withResolver: true });
  const blocked = blocker.status === "blocked";
  return (
    <Modal opened={blocked} onClose={() => blocker.reset?.()} title="Leave without saving?" closeButtonProps={{ "aria-label": "Close" }}>
      <Stack>
        <Text size="sm">What you wrote is not saved for others yet. It stays in this browser and is here when you come back.</Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={() => blocker.reset?.()}>Stay</Button>
          <Button variant="default" onClick={() => blocker.proceed?.()}>Leave</Button>
          {onSave && (
            <Button
              onClick={async () => {
                if (await onSave()) blocker.proceed?.();
                else blocker.reset?.();
              }}
            >
              Save and leave
            </Button>
          )}
        </Group>
      </Stack>
    </Modal>
  );
}
