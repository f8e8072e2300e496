// Where the keyboard goes on in the builder, after what had it is gone or something else was asked for.
import { isHead } from "./builder";

/** Until what was selected is drawn, and a list that led to it has closed. */
const DRAWN = 60;
/** The menu that a step came from gives the keyboard back to a "+" that is gone by then. */
const AFTER_THE_MENU = 250;

/** To a card: its panel was closed. */
export function toCard(selected: string | null): void {
  const card = selected === null || isHead(selected) ? "" : selected;
  document.querySelector<HTMLElement>(`[data-step="${CSS.escape(card)}"]`)?.focus({ preventScroll: true });
}

/** To a step that has just been put in, or that stands above one that is gone, unless the person is elsewhere already. */
export function toNewCard(step: string): void {
  window.setTimeout(() => document.activeElement === document.body && toCard(step), AFTER_THE_MENU);
}

/** Into the panel of what was just selected: its first field that is wrong, or its first at all. */
export function toField(): void {
  window.setTimeout(() => {
    const panel = document.querySelector<HTMLElement>("[data-panel]");
    const field = panel?.querySelector<HTMLElement>("[aria-invalid=true]") ?? panel?.querySelector<HTMLElement>("fieldset :is(input, textarea, button):not([disabled])");
    field?.focus();
  }, DRAWN);
}

/** To the menu of the "+" where the first step goes. */
export function toFirstStep(): void {
  window.setTimeout(() => document.querySelector<HTMLElement>("[data-line]")?.click(), DRAWN);
}
