// Undo and redo.
import { expect, it } from "vitest";

import { begin, reduce } from "./history";
import type { Definition } from "./steps";

const flow = (name: string): Definition => ({ flow: "f", name, trigger: { manual: {} }, steps: [] });
const change = (name: string, about?: string) => ({ kind: "change", to: flow(name), about }) as const;

it("goes back and forth", () => {
  const two = [change("one"), change("two")].reduce(reduce, begin(flow("none")));
  const back = reduce(reduce(two, { kind: "undo" }), { kind: "undo" });
  expect(back.present.name).toBe("none");
  expect(reduce(back, { kind: "undo" })).toBe(back);
  expect(reduce(reduce(back, { kind: "redo" }), { kind: "redo" }).present.name).toBe("two");
});

it("takes typing in one field as one change", () => {
  const typed = [change("W", "name"), change("We", "name"), change("Wel", "name")].reduce(reduce, begin(flow("none")));
  expect(reduce(typed, { kind: "undo" }).present.name).toBe("none");
});

it("begins a new change when the same field is typed in after an undo", () => {
  const typed = [change("a", "name"), { kind: "undo" } as const, change("b", "name")].reduce(reduce, begin(flow("none")));
  expect(typed.future).toEqual([]);
  expect(reduce(typed, { kind: "undo" }).present.name).toBe("none");
});

it("keeps nothing of a change that is none", () => {
  const history = begin(flow("none"));
  expect(reduce(history, { kind: "change", to: history.present })).toBe(history);
});
