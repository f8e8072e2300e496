// How changes are said.
import { expect, test } from "vitest";

import { change } from "./Delta";

test("a change is a percentage of what was", () => {
  expect(change(112, 100)).toEqual({ words: "12 %", direction: 1 });
  expect(change(97.5, 100)).toEqual({ words: "2.5 %", direction: -1 });
  expect(change(100, 100)).toEqual({ words: "0.0 %", direction: 0 });
});

test("from nothing there is no percentage", () => {
  expect(change(5, 0)).toEqual({ words: "New", direction: 1 });
  expect(change(0, 0)).toEqual({ words: "0 %", direction: 0 });
});

test("shares differ by points", () => {
  expect(change(0.468, 0.447, true)).toEqual({ words: "2.1 pt", direction: 1 });
});
