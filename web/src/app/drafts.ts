// Unsaved work, kept in this browser: it survives a reload, a crash and a log-out, until it is saved or thrown away.
import { useCallback, useEffect, useState } from "react";

interface Kept<Value> {
  value: Value;
  at: string;
}

function read<Value>(name: string): Kept<Value> | null {
  try {
    return JSON.parse(localStorage.getItem(name) ?? "null") as Kept<Value> | null;
  } catch {
    return null;
  }
}

export interface Draft<Value> {
  value: Value;
  change: (value: Value) => void;
  /** Whether there is work that is not saved. */
  unsaved: boolean;
  /** When what was found here was left; null: nothing was found. */
  found: string | null;
  /** It is saved, or given up: forget it, and go on from here. */
  settle: (value: Value) => void;
}

/** Work on `saved`, under a name that says whose and which: `flow:juniper:browse-abandonment`. */
export function useDraft<Value>(name: string, saved: Value): Draft<Value> {
  const key = `headwater:draft:${name}`;
  const [left] = useState(() => read<Value>(key));
  const [value, setValue] = useState<Value>(left?.value ?? saved);
  const [unsaved, setUnsaved] = useState(left !== null);
  const [found, setFound] = useState(left?.at ?? null);

  const change = useCallback(
    (next: Value) => {
      setValue(next);
      setUnsaved(true);
      try {
        localStorage.setItem(key, JSON.stringify({ value: next, at: new Date().toISOString() }));
      } catch {
        // The browser's store is full or closed: the page still holds it, and leaving it is asked about.
      }
    },
    [key],
  );
  const settle = useCallback(
    (next: Value) => {
      localStorage.removeItem(key);
      setValue(next);
      setUnsaved(false);
      setFound(null);
    },
    [key],
  );
  useEffect(() => {
    if (!unsaved) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [unsaved]);
  return { value, change, unsaved, found, settle };
}
