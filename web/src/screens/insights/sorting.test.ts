// The order of lines.
import { expect, test } from "vitest";

import { sorted } from "./sorting";

const rows = [{ name: "b", rate: 0.2 }, { name: "A", rate: null }, { name: "c", rate: 0.5 }];
const of = { name: (row: (typeof rows)[number]) => row.name, rate: (row: (typeof rows)[number]) => row.rate };
const names = (order: string) => sorted(rows, order, of).map((row) => row.name).join("");

test("lines are sorted up and down", () => {
  expect(names("name")).toBe("Abc");
  expect(names("-name")).toBe("cbA");
});

test("what has no number comes last, either way", () => {
  expect(names("rate")).toBe("bcA");
  expect(names("-rate")).toBe("cbA");
});

test("an order that is none leaves the lines as they came", () => {
  expect(names("nothing")).toBe("bAc");
});
