// A key in a list: the beginning of a private one, all of a write key.
import { ActionIcon, CopyButton, Group, Text, Tooltip } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";

import classes from "./settings.module.css";

export function CopyKey({ prefix, whole }: { prefix: string; whole: string | null }) {
  return (
    <Group gap={4} wrap="nowrap">
      <Text span className={classes.secret} truncate maw={{ base: 140, sm: 280 }}>{whole ?? `${prefix}…`}</Text>
      {whole && (
        <CopyButton value={whole}>
          {({ copied, copy }) => (
            <Tooltip label={copied ? "Copied" : "Copy"}>
              <ActionIcon size="sm" onClick={copy} aria-label={copied ? "Copied" : "Copy the key"}>{copied ? <IconCheck size={15} /> : <IconCopy size={15} />}</ActionIcon>
            </Tooltip>
          )}
        </CopyButton>
      )}
    </Group>
  );
}
