import { expect, it } from "vitest";

import { asLines, asUpdate, type Line, same } from "./profileLines";

it("reads an update as lines, and writes it back", () => {
  const update = { set: { tier: "gold" }, unset: ["old"], add_to: { tags: "x" }, remove_from: { tags: "y" } };

  expect(asUpdate(asLines(update))).toEqual(update);
});

it("knows an update that comes back from the server in another order", () => {
  expect(same({ set: { b: 1, a: { date: "today" } } }, { set: { a: { date: "today" }, b: 1 } })).toBe(true);
  expect(same({ set: { a: 1 } }, { set: { a: 2 } })).toBe(false);
  expect(same({ set: { a: 1 } }, { add_to: { a: 1 } })).toBe(false);
});

it("takes the later of two lines that have one name for now", () => {
  const lines: Line[] = [{ act: "set", name: "tier", value: "gold" }, { act: "set", name: "tier", value: "" }];

  expect(asUpdate(lines)).toEqual({ set: { tier: "" } });
});
