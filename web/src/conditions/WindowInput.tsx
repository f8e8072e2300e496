// When: the window of a condition, as a part of its sentence.
import { choices, Choice } from "./fields";
import { useEditing } from "./editing";
import { InstantInput } from "./InstantInput";
import type { Windowed } from "./language";
import { SpanInput } from "./SpanInput";
import { WINDOW_WORDS, windowKind, windowKinds, withWindow, withWindowKind } from "./windows";

interface Props<Holder extends Windowed> {
  node: Holder;
  onChange: (node: Holder) => void;
  /** How "all time" reads here. */
  always?: string;
}

export function WindowInput<Holder extends Windowed>({ node, onChange, always = WINDOW_WORDS.always }: Props<Holder>) {
  const { context } = useEditing();
  const kind = windowKind(node);
  const set = (window: Windowed) => onChange(withWindow(node, window));
  return (
    <>
      <Choice label="When" value={kind} data={choices({ ...WINDOW_WORDS, always }, windowKinds(context))} onChange={(next) => onChange(withWindowKind(node, next))} />
      {kind === "in_last" && <SpanInput label="In the last" value={node.in_last!} onChange={(in_last) => set({ in_last })} />}
      {kind === "at_least_ago" && <SpanInput label="Longer ago than" value={node.at_least_ago!} onChange={(at_least_ago) => set({ at_least_ago })} />}
      {kind === "between_ago" && (
        <>
          <SpanInput label="Between" value={node.between_ago![0]} onChange={(near) => set({ between_ago: [near, node.between_ago![1]] })} />
          <span>and</span>
          <SpanInput label="And" value={node.between_ago![1]} onChange={(far) => set({ between_ago: [node.between_ago![0], far] })} />
          <span>ago</span>
        </>
      )}
      {kind === "since" && <InstantInput label="Since" value={node.since!} onChange={(since) => set({ since })} />}
      {kind === "before" && <InstantInput label="Before" value={node.before!} onChange={(before) => set({ before })} />}
      {kind === "between" && (
        <>
          <InstantInput label="From" value={node.between![0]} onChange={(start) => set({ between: [start, node.between![1]] })} />
          <span>and</span>
          <InstantInput label="Until before" value={node.between![1]} onChange={(end) => set({ between: [node.between![0], end] })} />
        </>
      )}
    </>
  );
}
