// Liquid inside HTML and MJML: its tokens coloured, and the tags of MJML known to the HTML language.
import { html } from "@codemirror/lang-html";
import type { Extension } from "@codemirror/state";
import { Decoration, type DecorationSet, type EditorView, MatchDecorator, ViewPlugin, type ViewUpdate } from "@codemirror/view";

const TOKENS = /\{\{.*?\}\}|\{%-?\s*(?:comment|raw)\s*-?%\}|\{%.*?%\}/g;

const output = Decoration.mark({ class: "cm-liquid-output" });
const tag = Decoration.mark({ class: "cm-liquid-tag" });
const matcher = new MatchDecorator({ regexp: TOKENS, decoration: (match) => (match[0].startsWith("{{") ? output : tag) });

const colours = ViewPlugin.fromClass(
  class {
    decorations: DecorationSet;
    constructor(view: EditorView) {
      this.decorations = matcher.createDeco(view);
    }
    update(update: ViewUpdate) {
      this.decorations = matcher.updateDeco(update, this.decorations);
    }
  },
  { decorations: (plugin) => plugin.decorations },
);

const LOOKS = ["align", "background-color", "border", "border-radius", "color", "css-class", "font-family", "font-size", "font-weight", "height", "line-height", "padding", "width"];
const attributes = (...names: string[]) => ({ attrs: Object.fromEntries([...LOOKS, ...names].map((name) => [name, null])) });

/** MJML's elements, with what is most often said of them. */
const MJML = {
  mjml: { children: ["mj-head", "mj-body"] },
  "mj-head": { children: ["mj-attributes", "mj-style", "mj-preview", "mj-title", "mj-font", "mj-breakpoint"] },
  "mj-attributes": {},
  "mj-all": attributes(),
  "mj-class": attributes("name"),
  "mj-style": { attrs: { inline: ["inline"] } },
  "mj-preview": {},
  "mj-title": {},
  "mj-body": attributes(),
  "mj-wrapper": attributes(),
  "mj-section": attributes("background-url", "background-size", "direction", "full-width"),
  "mj-group": attributes(),
  "mj-column": attributes("vertical-align", "inner-border", "inner-padding"),
  "mj-text": attributes("letter-spacing", "text-decoration", "text-transform"),
  "mj-image": attributes("src", "alt", "href", "title"),
  "mj-button": attributes("href", "inner-padding", "text-transform", "title"),
  "mj-divider": attributes("border-color", "border-style", "border-width"),
  "mj-spacer": attributes(),
  "mj-hero": attributes("background-url", "mode"),
  "mj-social": attributes("icon-size", "mode"),
  "mj-social-element": attributes("name", "href", "src"),
  "mj-table": attributes("cellpadding"),
  "mj-raw": {},
  "mj-include": { attrs: { path: ["footer"] } },
  "mj-navbar": attributes(),
  "mj-navbar-link": attributes("href"),
};

export function language(): Extension {
  return [html({ matchClosingTags: false, selfClosingTags: true, extraTags: MJML }), colours];
}
