// Ctrl-Z takes back, Ctrl-Shift-Z and Ctrl-Y do again; in a field of text they are the field's own.
import { useEffect, useRef } from "react";

export function useShortcuts(active: boolean, undo: () => void, redo: () => void): void {
  const does = useRef({ undo, redo });
  does.current = { undo, redo };
  useEffect(() => {
    if (!active) return;
    const onKeyDown = (event: KeyboardEvent) => {
      const key = event.key.toLowerCase();
      if (!(event.ctrlKey || event.metaKey) || (key !== "z" && key !== "y") || typesIn(event.target)) return;
      event.preventDefault();
      if (key === "y" || event.shiftKey) does.current.redo();
      else does.current.undo();
    };
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, [active]);
}

function typesIn(target: EventTarget | null): boolean {
  if (target instanceof HTMLTextAreaElement) return true;
  return target instanceof HTMLInputElement && !["checkbox", "radio", "button"].includes(target.type);
}
