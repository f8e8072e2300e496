// The left half of the editor: subject and preview text, then the code, the text part, and what the email needs.
import { Anchor, JsonInput, Stack, Switch, Tabs, Text } from "@mantine/core";
import { type ReactNode, useEffect, useRef, useState } from "react";

import { query } from "@/api/client";

import { type Content, FORMATS, type Format, type Problem } from "../email";
import { CodeArea, type CodeHandle } from "./CodeArea";
import classes from "./editor.module.css";
import { Problems } from "./Problems";
import { SubjectFields } from "./SubjectFields";
import type { Work } from "./work";

interface Props {
  work: Work;
  onChange: (work: Work) => void;
  problems: Problem[];
  format: Format;
  readOnly: boolean;
}

const PARTS: Record<string, string> = { mjml: "mjml", text: "text", data: "data" };

export function CodePane({ work, onChange, problems, format, readOnly }: Props) {
  const [part, setPart] = useState<string | null>("mjml");
  const variables = query.useQuery("get", "/api/v1/content/variables", {}, { staleTime: 300_000 });
  const code = useRef<CodeHandle>(null);
  const text = useRef<CodeHandle>(null);
  const { content } = work;
  // What CodeMirror calls back with is older than this render: the work as it is now is kept beside.
  const now = useRef(work);
  useEffect(() => {
    now.current = work;
  }, [work]);
  const set = (change: Partial<Content>) => onChange({ ...now.current, content: { ...now.current.content, ...change } });
  const open = (problem: Problem) => {
    const where = PARTS[problem.field];
    if (!where) return;
    setPart(where);
    const line = problem.line;
    if (line !== null) setTimeout(() => (where === "text" ? text : code).current?.goTo(line));
  };
  return (
    <section className={classes.pane} aria-label="Email">
      <SubjectFields work={work} onChange={onChange} problems={problems} readOnly={readOnly} />
      <Tabs value={part} onChange={setPart} className={classes.parts} classNames={{ panel: classes.panel }} keepMounted={false}>
        <Tabs.List px="xs">
          <Tabs.Tab value="mjml">{FORMATS[format]}</Tabs.Tab>
          <Tabs.Tab value="text">Text part</Tabs.Tab>
          <Tabs.Tab value="data">Data and kind</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="mjml">
          <CodeArea label={`${FORMATS[format]} of the email`} handle={code} value={content.mjml} onChange={(mjml) => set({ mjml })} problems={problems.filter((one) => one.field === "mjml")} variables={variables.data} readOnly={readOnly} />
        </Tabs.Panel>
        <Tabs.Panel value="text">
          <OwnText content={content} set={set} readOnly={readOnly}>
            <CodeArea label="Text part of the email" handle={text} value={content.text ?? ""} onChange={(own) => set({ text: own })} problems={problems.filter((one) => one.field === "text")} variables={variables.data} readOnly={readOnly} />
          </OwnText>
        </Tabs.Panel>
        <Tabs.Panel value="data"><Data work={work} onChange={onChange} problems={problems} readOnly={readOnly} /></Tabs.Panel>
      </Tabs>
      <Problems problems={problems} onOpen={open} />
    </section>
  );
}

function OwnText({ content, set, readOnly, children }: { content: Content; set: (change: Partial<Content>) => void; readOnly: boolean; children: ReactNode }) {
  const own = content.text !== null && content.text !== undefined;
  return (
    <Stack gap={0} h="100%">
      <Switch p="sm" size="sm" checked={own} disabled={readOnly} onChange={(event) => set({ text: event.currentTarget.checked ? "\n\n{% footer %}\n" : null })} label="Write the text part myself" description={own ? undefined : "Off: it is made from the email, as the preview's tab “Text part” shows."} />
      {own && <div className={classes.code}>{children}</div>}
    </Stack>
  );
}

function Data({ work, onChange, problems, readOnly }: { work: Work; onChange: (work: Work) => void; problems: Problem[]; readOnly: boolean }) {
  const [written, setWritten] = useState(() => (Object.keys(work.content.data ?? {}).length > 0 ? JSON.stringify(work.content.data, null, 2) : ""));
  const [broken, setBroken] = useState("");
  const wrong = problems.find((one) => one.field === "data")?.message;
  const change = (text: string) => {
    setWritten(text);
    try {
      const data: unknown = text.trim() ? JSON.parse(text) : {};
      if (typeof data !== "object" || data === null || Array.isArray(data)) throw new SyntaxError();
      setBroken("");
      onChange({ ...work, content: { ...work.content, data: data as Record<string, never> } });
    } catch {
      setBroken("This is not JSON yet: { \"coupon\": \"NAME\" }. Until it is, what stood here before counts.");
    }
  };
  return (
    <Stack p="md" gap="md">
      <Switch
        checked={work.transactional}
        disabled={readOnly}
        onChange={(event) => onChange({ ...work, transactional: event.currentTarget.checked })}
        label="Transactional email"
        description="A receipt or the like: it needs no unsubscribe link and no postal address, and only transactional steps may send it."
      />
      <JsonInput
        label="Data"
        description="What the email shows besides the person and the event: a coupon, the item of the event, product feeds, reviews."
        placeholder={'{ "coupon": "WELCOME10", "feeds": { "popular": { "kind": "best_selling", "limit": 4 } } }'}
        value={written}
        onChange={change}
        error={broken || wrong}
        readOnly={readOnly}
        autosize
        minRows={6}
        styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
      />
      <Text size="xs" c="dimmed">
        Coupons are under <Anchor inherit href="../coupons">Coupons</Anchor>. “item” takes the product that the flow's event is about; “reviews” shows reviews of it or of the store.
      </Text>
    </Stack>
  );
}
