// What is wrong with the email, each line leading to its place.
import { Group, Text, UnstyledButton } from "@mantine/core";
import { IconAlertTriangleFilled, IconCircleCheck, IconCircleXFilled } from "@tabler/icons-react";

import { counted } from "@/ui/formats";

import type { Problem } from "../email";
import classes from "./editor.module.css";

const WHERE: Record<string, string> = { mjml: "Code", text: "Text part", subject: "Subject", preview_text: "Preview text", data: "Data" };

export function Problems({ problems, onOpen }: { problems: Problem[]; onOpen: (problem: Problem) => void }) {
  const errors = problems.filter((one) => one.level === "error").length;
  const warnings = problems.length - errors;
  return (
    <section className={classes.problems} aria-label="What is wrong">
      <Group gap={6} px="sm" py={6} aria-live="polite">
        {problems.length === 0 ? <IconCircleCheck size={16} color="var(--mantine-color-green-light-color)" aria-hidden /> : null}
        <Text size="xs" fw={600}>
          {problems.length === 0 ? "Nothing is wrong with it." : [errors && counted(errors, "error"), warnings && counted(warnings, "warning")].filter(Boolean).join(", ")}
        </Text>
      </Group>
      {problems.map((one) => (
        <UnstyledButton key={`${one.field} ${one.line} ${one.message}`} className={classes.problem} onClick={() => onOpen(one)}>
          {one.level === "error" ? (
            <IconCircleXFilled size={15} color="var(--mantine-color-red-light-color)" aria-label="Error" style={{ flexShrink: 0, marginTop: 2 }} />
          ) : (
            <IconAlertTriangleFilled size={15} color="var(--mantine-color-yellow-light-color)" aria-label="Warning" style={{ flexShrink: 0, marginTop: 2 }} />
          )}
          <Text size="xs" style={{ flex: 1, overflowWrap: "anywhere" }}>{one.message}</Text>
          <Text size="xs" c="dimmed" style={{ flexShrink: 0 }}>{WHERE[one.field] ?? one.field}{one.line === null ? "" : `, line ${one.line}`}</Text>
        </UnstyledButton>
      ))}
    </section>
  );
}
