// Undo and redo over definitions that never change: a reducer. Typing in one field is one change.
import type { Definition } from "./steps";

export interface History {
  past: Definition[];
  present: Definition;
  future: Definition[];
  /** What the last change was about; another about the same joins it. */
  about: string | null;
}

export type Move = { kind: "change"; to: Definition; about?: string } | { kind: "undo" } | { kind: "redo" } | { kind: "reset"; to: Definition };

const LONGEST = 100;

export function begin(present: Definition): History {
  return { past: [], present, future: [], about: null };
}

export function reduce(history: History, move: Move): History {
  const { past, present, future } = history;
  switch (move.kind) {
    case "change": {
      if (move.to === present) return history;
      const joins = move.about !== undefined && move.about === history.about;
      return { past: joins ? past : [...past, present].slice(-LONGEST), present: move.to, future: [], about: move.about ?? null };
    }
    case "undo":
      return past.length === 0 ? history : { past: past.slice(0, -1), present: past.at(-1)!, future: [present, ...future], about: null };
    case "redo":
      return future.length === 0 ? history : { past: [...past, present], present: future[0]!, future: future.slice(1), about: null };
    case "reset":
      return begin(move.to);
  }
}
