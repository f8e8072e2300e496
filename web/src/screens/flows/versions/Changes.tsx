// What a version changed, step by step in the server's words, each with a mark of its kind.
import { Group, Stack, Text, ThemeIcon, VisuallyHidden } from "@mantine/core";
import { IconArrowsUpDown, IconMinus, IconPencil, IconPlus } from "@tabler/icons-react";

import type { components } from "@/api/schema";

import { capital, withoutFiles } from "../flow";

const MARKS = {
  added: { icon: IconPlus, color: "green", word: "Added" },
  removed: { icon: IconMinus, color: "red", word: "Removed" },
  moved: { icon: IconArrowsUpDown, color: "blue", word: "Moved" },
  changed: { icon: IconPencil, color: "gray", word: "Changed" },
} as const;

export function Changes({ changes, more = 0 }: { changes: components["schemas"]["ChangeOut"][]; more?: number }) {
  if (changes.length === 0) return <Text size="sm" c="dimmed">Nothing that is said in words.</Text>;
  return (
    <Stack gap={4} component="ul" m={0} p={0} style={{ listStyle: "none" }}>
      {changes.map((one, index) => {
        const { icon: Mark, color, word } = MARKS[one.kind as keyof typeof MARKS] ?? MARKS.changed;
        return (
          <Group key={index} component="li" gap={8} wrap="nowrap" align="flex-start">
            <ThemeIcon size={18} radius="sm" variant="light" color={color} mt={1}><Mark size={12} aria-hidden /></ThemeIcon>
            <Text size="sm" style={{ overflowWrap: "anywhere" }}><VisuallyHidden>{word}: </VisuallyHidden>{capital(withoutFiles(one.words))}</Text>
          </Group>
        );
      })}
      {more > 0 && <Text component="li" size="sm" c="dimmed" ps={26}>and {more} more</Text>}
    </Stack>
  );
}
