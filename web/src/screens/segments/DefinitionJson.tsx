// The whole definition as JSON, for those who write it by hand. What is no JSON yet changes nothing.
import { Text, Textarea } from "@mantine/core";
import { useState } from "react";

import type { Problem, Tree } from "@/conditions";

import classes from "./segments.module.css";

interface Props {
  value: Tree;
  onChange: (value: Tree) => void;
  problems: readonly Problem[];
  readOnly: boolean;
}

export function DefinitionJson({ value, onChange, problems, readOnly }: Props) {
  const [typed, setTyped] = useState(() => JSON.stringify(value, null, 2));
  const [wrong, setWrong] = useState("");
  const write = (text: string) => {
    setTyped(text);
    try {
      const next: unknown = JSON.parse(text);
      if (typeof next !== "object" || next === null) throw new Error("a definition is an object or a list");
      setWrong("");
      onChange(next as Tree);
    } catch (error) {
      setWrong(`Not taken yet: ${error instanceof Error ? error.message : "this is not JSON"}.`);
    }
  };
  return (
    <>
      <Textarea
        className={classes.json}
        aria-label="Definition as JSON"
        autosize
        minRows={12}
        maxRows={32}
        spellCheck={false}
        value={typed}
        readOnly={readOnly}
        onChange={(event) => write(event.currentTarget.value)}
        error={wrong || undefined}
      />
      {!wrong && problems.map((one) => <Text key={one.field + one.detail} size="sm" c="red" mt={4} role="status">{one.field && <b>{one.field}: </b>}{one.detail}</Text>)}
    </>
  );
}
