// A text to take along: shown whole, copied by one press.
import { Button, CopyButton, Group, Text } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { useId } from "react";

import classes from "./settings.module.css";

export function CopyField({ label, value, description }: { label: string; value: string; description?: string }) {
  const id = useId();
  return (
    <div>
      <Text size="sm" fw={500} id={id} mb={description ? 0 : 4}>{label}</Text>
      {description && <Text size="xs" c="dimmed" mb={4}>{description}</Text>}
      <code className={classes.code} style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }} aria-labelledby={id}>{value}</code>
      <Group mt="xs">
        <CopyButton value={value}>
          {({ copied, copy }) => (
            <Button size="xs" variant="default" onClick={copy} leftSection={copied ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} aria-hidden />}>
              <span aria-live="polite">{copied ? "Copied" : "Copy"}</span>
            </Button>
          )}
        </CopyButton>
      </Group>
    </div>
  );
}
