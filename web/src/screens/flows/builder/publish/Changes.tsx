// What publishing would change, step by step, in the server's words.
import { Badge, Group, Stack, Text, UnstyledButton } from "@mantine/core";

import type { components } from "@/api/schema";
import { words } from "@/ui/formats";

import { capital, withoutFiles } from "../../flow";

type Change = components["schemas"]["ChangeOut"];

const COLORS: Record<string, string> = { added: "green", removed: "red", moved: "blue", changed: "yellow" };

export function Changes({ changes, show }: { changes: Change[]; show: (step: string) => void }) {
  return (
    <Stack gap={6}>
      {changes.map((change, index) => (
        <Group key={index} wrap="nowrap" align="flex-start" gap="sm">
          <Badge color={COLORS[change.kind] ?? "gray"} w={82} style={{ flexShrink: 0 }}>{words(change.kind)}</Badge>
          <UnstyledButton disabled={change.kind === "removed"} onClick={() => show(change.step)} style={{ cursor: change.kind === "removed" ? "default" : "pointer" }}>
            <Text size="sm" style={{ overflowWrap: "anywhere" }}>{capital(withoutFiles(change.words))}</Text>
          </UnstyledButton>
        </Group>
      ))}
    </Stack>
  );
}
