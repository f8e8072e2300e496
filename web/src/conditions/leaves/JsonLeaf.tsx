// A condition as its JSON: one that no form knows, or that someone prefers to write. Nothing of it is lost.
import { Text, Textarea } from "@mantine/core";
import { useState } from "react";

import classes from "../conditions.module.css";
import { useEditing } from "../editing";

interface Props {
  node: unknown;
  onChange: (node: unknown) => void;
}

export function JsonLeaf({ node, onChange }: Props) {
  const { readOnly } = useEditing();
  const [typed, setTyped] = useState(() => written(node));
  const [wrong, setWrong] = useState("");
  // What was typed stays as it was typed while it says the same; when something else has changed the condition, that is shown.
  const shown = wrong || same(typed, node) ? typed : written(node);
  const write = (text: string) => {
    setTyped(text);
    try {
      const next: unknown = JSON.parse(text);
      setWrong("");
      onChange(next);
    } catch (error) {
      setWrong(`This is not JSON yet: ${error instanceof Error ? error.message : "check the brackets"}`);
    }
  };
  return (
    <>
      <Textarea className={classes.mono} size="xs" aria-label="Condition as JSON" autosize minRows={2} maxRows={14} spellCheck={false} value={shown} onChange={(event) => write(event.currentTarget.value)} error={wrong || undefined} disabled={readOnly} />
      <Text size="xs" c="dimmed" mt={4}>Written as JSON, and kept as it is.</Text>
    </>
  );
}

const written = (node: unknown) => JSON.stringify(node, null, 1).replace(/\n\s*/g, " ");

function same(text: string, node: unknown): boolean {
  try {
    return JSON.stringify(JSON.parse(text)) === JSON.stringify(node);
  } catch {
    return false;
  }
}
