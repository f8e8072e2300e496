// A flow's own tests with what came of each; where one fails, what was expected and what came instead.
import { Group, Stack, Text, ThemeIcon, VisuallyHidden } from "@mantine/core";
import { IconCheck, IconX } from "@tabler/icons-react";

import type { components } from "@/api/schema";

import classes from "./flows.module.css";

const COLORS: Record<string, string> = { "-": "var(--mantine-color-red-light-color)", "+": "var(--mantine-color-green-light-color)", "?": "dimmed" };

export function TestResults({ results }: { results: components["schemas"]["FileTestOut"][] }) {
  return (
    <Stack gap="xs" component="ul" m={0} p={0} style={{ listStyle: "none" }}>
      {results.map((one) => (
        <li key={one.name}>
          <Group gap="xs" wrap="nowrap" align="flex-start">
            <ThemeIcon size={20} radius="xl" variant="light" color={one.passed ? "green" : "red"}>{one.passed ? <IconCheck size={13} aria-hidden /> : <IconX size={13} aria-hidden />}</ThemeIcon>
            <Text size="sm"><VisuallyHidden>{one.passed ? "Passed: " : "Failed: "}</VisuallyHidden>{one.name}</Text>
          </Group>
          {one.difference.length > 0 && (
            <Stack gap={0} mt={4} ms={30} className={classes.mono}>
              {one.difference.map((line, index) => <Text key={index} inherit c={COLORS[line[0] ?? ""]}>{line}</Text>)}
            </Stack>
          )}
        </li>
      ))}
    </Stack>
  );
}
