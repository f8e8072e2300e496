// How the code area looks: the app's own colours, in both schemes.
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const frame = EditorView.theme({
  "&": { height: "100%", fontSize: "13px", backgroundColor: "var(--mantine-color-body)", color: "var(--mantine-color-text)" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--mantine-font-family-monospace)", lineHeight: "1.6" },
  ".cm-content": { caretColor: "var(--mantine-color-text)", padding: "8px 0" },
  ".cm-cursor": { borderLeftColor: "var(--mantine-color-text)" },
  ".cm-gutters": { backgroundColor: "var(--hw-ground)", color: "var(--mantine-color-dimmed)", borderRight: "1px solid var(--hw-line)" },
  ".cm-activeLine": { backgroundColor: "color-mix(in srgb, var(--mantine-color-water-filled) 6%, transparent)" },
  ".cm-activeLineGutter": { backgroundColor: "color-mix(in srgb, var(--mantine-color-water-filled) 14%, transparent)", color: "var(--mantine-color-text)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "color-mix(in srgb, var(--mantine-color-water-filled) 26%, transparent)",
  },
  ".cm-liquid-output, .cm-liquid-output *": { color: "var(--mantine-color-violet-light-color)" },
  ".cm-liquid-output": { backgroundColor: "var(--mantine-color-violet-light)", borderRadius: "3px" },
  ".cm-liquid-tag, .cm-liquid-tag *": { color: "var(--mantine-color-orange-light-color)" },
  ".cm-liquid-tag": { backgroundColor: "var(--mantine-color-orange-light)", borderRadius: "3px" },
  ".cm-panels": { backgroundColor: "var(--hw-ground)", color: "var(--mantine-color-text)", borderColor: "var(--hw-line)" },
  ".cm-tooltip": { backgroundColor: "var(--mantine-color-body)", color: "var(--mantine-color-text)", border: "1px solid var(--mantine-color-default-border)", borderRadius: "6px", boxShadow: "var(--mantine-shadow-md)" },
  ".cm-tooltip-autocomplete > ul > li": { padding: "3px 8px", lineHeight: "1.5" },
  ".cm-tooltip-autocomplete > ul > li[aria-selected]": { backgroundColor: "var(--mantine-color-water-filled)", color: "#fff" },
  ".cm-tooltip-autocomplete > ul > li[aria-selected] .cm-completionDetail": { color: "#fff" },
  ".cm-completionDetail": { color: "var(--mantine-color-dimmed)", fontStyle: "normal", marginLeft: "12px" },
  ".cm-completionInfo": { padding: "6px 10px", maxWidth: "320px" },
  ".cm-searchMatch": { backgroundColor: "var(--mantine-color-yellow-light)", outline: "1px solid var(--mantine-color-yellow-filled)" },
  ".cm-foldPlaceholder": { backgroundColor: "var(--mantine-color-default-hover)", border: "none", color: "var(--mantine-color-dimmed)" },
});

const colours = HighlightStyle.define([
  { tag: [tags.tagName, tags.angleBracket], color: "var(--mantine-color-water-light-color)" },
  { tag: tags.attributeName, color: "var(--mantine-color-blue-light-color)" },
  { tag: [tags.attributeValue, tags.string], color: "var(--mantine-color-green-light-color)" },
  { tag: [tags.comment, tags.documentMeta], color: "var(--mantine-color-dimmed)", fontStyle: "italic" },
  { tag: [tags.keyword, tags.propertyName], color: "var(--mantine-color-blue-light-color)" },
  { tag: [tags.number, tags.unit, tags.color, tags.atom], color: "var(--mantine-color-yellow-light-color)" },
]);

export const look = [frame, syntaxHighlighting(colours)];
