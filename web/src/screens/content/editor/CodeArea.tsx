// The code area: CodeMirror as a controlled field, with what is wrong marked at its lines.
import { lintGutter, setDiagnostics, type Diagnostic } from "@codemirror/lint";
import { Compartment, EditorState } from "@codemirror/state";
import { basicSetup, EditorView } from "codemirror";
import { useEffect, useImperativeHandle, useRef, type Ref } from "react";

import type { Problem } from "../email";
import { completion, type Variables } from "./completion";
import { language } from "./liquid";
import { look } from "./look";

export interface CodeHandle {
  /** Shows this line and puts the cursor there. */
  goTo: (line: number) => void;
  /** Writes where the cursor is, over what is chosen. */
  insert: (text: string) => void;
}

interface Props {
  value: string;
  onChange: (value: string) => void;
  problems: Problem[];
  variables: Variables | undefined;
  label: string;
  readOnly?: boolean;
  handle?: Ref<CodeHandle>;
}

export function CodeArea({ value, onChange, problems, variables, label, readOnly = false, handle }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const tell = useRef(onChange);
  const known = useRef(variables);
  const outside = useRef(false);
  const locked = useRef(new Compartment());
  const first = useRef({ value, label });
  useEffect(() => {
    tell.current = onChange;
    known.current = variables;
  }, [onChange, variables]);

  useEffect(() => {
    const made = new EditorView({
      parent: place.current!,
      doc: first.current.value,
      extensions: [
        basicSetup,
        language(),
        completion(() => known.current),
        lintGutter(),
        look,
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({ "aria-label": first.current.label, tabindex: "0" }),
        locked.current.of([]),
        EditorView.updateListener.of((update) => {
          if (update.docChanged && !outside.current) tell.current(update.state.doc.toString());
        }),
      ],
    });
    view.current = made;
    return () => {
      made.destroy();
      view.current = null;
    };
  }, []);

  // What comes from elsewhere (a restored version) replaces what stands here; what was typed here is here already.
  useEffect(() => {
    const now = view.current;
    if (!now || now.state.doc.toString() === value) return;
    outside.current = true;
    now.dispatch({ changes: { from: 0, to: now.state.doc.length, insert: value } });
    outside.current = false;
  }, [value]);
  useEffect(() => {
    view.current?.dispatch({ effects: locked.current.reconfigure(readOnly ? [EditorState.readOnly.of(true), EditorView.editable.of(false)] : []) });
  }, [readOnly]);
  useEffect(() => {
    const now = view.current;
    if (now) now.dispatch(setDiagnostics(now.state, marks(now.state, problems)));
  }, [problems]);

  useImperativeHandle(handle, () => ({
    goTo: (line) => {
      const now = view.current;
      if (!now) return;
      const { from } = now.state.doc.line(within(now.state, line));
      now.dispatch({ selection: { anchor: from }, effects: EditorView.scrollIntoView(from, { y: "center" }) });
      now.focus();
    },
    insert: (text) => {
      const now = view.current;
      if (!now) return;
      now.dispatch(now.state.replaceSelection(text));
      now.focus();
    },
  }));

  return <div ref={place} style={{ height: "100%", minHeight: 0, overflow: "hidden" }} />;
}

function within(state: EditorState, line: number): number {
  return Math.max(1, Math.min(line, state.doc.lines));
}

function marks(state: EditorState, problems: Problem[]): Diagnostic[] {
  return problems
    .filter((one) => one.line !== null)
    .map((one) => {
      const line = state.doc.line(within(state, one.line!));
      const start = line.from + (line.text.length - line.text.trimStart().length);
      return { from: Math.min(start, line.to), to: line.to, severity: one.level, message: one.message };
    });
}
