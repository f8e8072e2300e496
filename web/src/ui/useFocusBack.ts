// After a dialog the keyboard is back where it was: at the button, or at the button of the menu, that opened it.
import { useEffect } from "react";

/** Milliseconds after which it is gone: at once, or once it has faded out. */
const GONE_AFTER = [80, 320];

/** What had the focus last, outside of dialogs. An item of a menu goes with its menu; the menu's button stays. */
let outside: HTMLElement | null = null;

document.addEventListener("focusin", ({ target }) => {
  if (!(target instanceof HTMLElement) || target.closest("[role=dialog]")) return;
  const menu = target.closest("[role=menu]");
  outside = menu ? document.getElementById(menu.getAttribute("aria-labelledby") ?? "") : target;
});

/** Only where nothing else has it. */
function focusAgain(from: HTMLElement | null) {
  if (document.activeElement !== document.body) return;
  if (from?.isConnected) from.focus();
  else document.querySelector("main")?.focus();
}

export function useFocusBack(opened: boolean) {
  useEffect(() => {
    if (!opened) return;
    const from = outside;
    // When it closes, and when it is taken off the page while it is open.
    return () => GONE_AFTER.forEach((wait) => setTimeout(() => focusAgain(from), wait));
  }, [opened]);
}
