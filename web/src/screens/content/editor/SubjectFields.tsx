// What the inbox shows of an email: its subject and preview text, with how much of them is seen.
import { Group, Text, TextInput } from "@mantine/core";

import type { Problem } from "../email";
import classes from "./editor.module.css";
import { length, PREVIEW_SHOWN, SUBJECT_SHOWN, type Work } from "./work";

interface Props {
  work: Work;
  onChange: (work: Work) => void;
  problems: Problem[];
  readOnly: boolean;
}

export function SubjectFields({ work, onChange, problems, readOnly }: Props) {
  const { content } = work;
  const set = (change: Partial<Work["content"]>) => onChange({ ...work, content: { ...content, ...change } });
  const wrong = (field: string) => problems.find((one) => one.field === field && one.level === "error")?.message;
  return (
    <Group gap="sm" p="sm" grow align="flex-start" className={classes.bar}>
      <TextInput
        size="xs"
        label={<Labelled words="Subject" text={content.subject} most={SUBJECT_SHOWN} />}
        value={content.subject}
        onChange={(event) => set({ subject: event.currentTarget.value })}
        error={wrong("subject")}
        readOnly={readOnly}
        maxLength={1000}
        labelProps={{ w: "100%" }}
      />
      <TextInput
        size="xs"
        label={<Labelled words="Preview text" text={content.preview_text ?? ""} most={PREVIEW_SHOWN} />}
        placeholder="Without it inboxes show how the email begins"
        value={content.preview_text ?? ""}
        onChange={(event) => set({ preview_text: event.currentTarget.value })}
        error={wrong("preview_text")}
        readOnly={readOnly}
        maxLength={1000}
        labelProps={{ w: "100%" }}
      />
    </Group>
  );
}

function Labelled({ words, text, most }: { words: string; text: string; most: number }) {
  const { shown, long } = length(text, most);
  return (
    <Group component="span" justify="space-between" gap="xs" wrap="nowrap">
      <span>{words}</span>
      {shown > 0 && (
        <Text span size="xs" fw={400} c={long ? "var(--mantine-color-yellow-light-color)" : "dimmed"} className="numbers" title={`Most inboxes show about ${most} characters.`}>
          {long ? `${shown}, inboxes show about ${most}` : `${shown} of ${most}`}
        </Text>
      )}
    </Group>
  );
}
