// How much still keeps the flow from being published, in the bar; it opens the list.
import { Button, Popover, ScrollArea, Text } from "@mantine/core";
import { IconAlertCircle } from "@tabler/icons-react";
import { useState } from "react";

import { counted } from "@/ui/formats";

import { useBuilder } from "./builder";
import { ProblemList } from "./ProblemList";

export function Problems() {
  const { problems } = useBuilder();
  const [opened, setOpened] = useState(false);
  if (problems.length === 0) return null;
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-start" shadow="lg" width={380} trapFocus returnFocus withinPortal>
      <Popover.Target>
        <Button size="xs" variant="light" color="red" leftSection={<IconAlertCircle size={15} />} aria-expanded={opened} onClick={() => setOpened(!opened)}>{counted(problems.length, "problem")}</Button>
      </Popover.Target>
      <Popover.Dropdown p="xs" aria-label="What is still to be done">
        <Text size="xs" c="dimmed" px={8} pb={4}>Before this can be published:</Text>
        <ScrollArea.Autosize mah="min(60vh, 480px)" type="auto"><ProblemList shown={() => setOpened(false)} /></ScrollArea.Autosize>
      </Popover.Dropdown>
    </Popover>
  );
}
