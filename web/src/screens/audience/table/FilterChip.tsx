// One filter of a table: a quiet button that opens its choices, and says what is chosen once something is.
import { Button, CloseButton, Group, Popover } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";

interface Props {
  label: string;
  /** What is chosen, in words; without it the filter is not in use. */
  chosen?: string;
  onClear: () => void;
  /** The choices; `close` is to be called when one was made. */
  children: (close: () => void) => ReactNode;
}

export function FilterChip({ label, chosen, onClear, children }: Props) {
  const [opened, setOpened] = useState(false);
  return (
    <Group gap={0} wrap="nowrap">
      <Popover opened={opened} onChange={setOpened} position="bottom-start" shadow="md" trapFocus returnFocus>
        <Popover.Target>
          <Button size="xs" variant={chosen ? "light" : "default"} leftSection={chosen ? undefined : <IconPlus size={14} aria-hidden />} onClick={() => setOpened(!opened)} maw={260}>
            {chosen ? `${label}: ${chosen}` : label}
          </Button>
        </Popover.Target>
        <Popover.Dropdown p="sm" miw={220} maw="min(360px, calc(100vw - 32px))" mah="60vh" style={{ overflowY: "auto" }} aria-label={label}>{children(() => setOpened(false))}</Popover.Dropdown>
      </Popover>
      {chosen && <CloseButton size="sm" aria-label={`Clear the filter ${label}`} onClick={onClear} />}
    </Group>
  );
}
