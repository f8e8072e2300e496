import { expect, test } from "vitest";

import { kindOf, read, said } from "./values";

test("values keep their kind", () => {
  for (const value of ["gold", 12.5, true, { a: [1] }]) {
    const kind = kindOf(value);
    expect(read(kind === "text" ? String(value) : JSON.stringify(value), kind)).toEqual(value);
  }
});

test("what is of another kind is not taken", () => {
  expect(read("12,5", "number")).toBeUndefined();
  expect(read("", "number")).toBeUndefined();
  expect(read("perhaps", "boolean")).toBeUndefined();
  expect(read("{", "other")).toBeUndefined();
});

test("values are shown in words", () => {
  expect([said(true), said("x"), said([1, 2])]).toEqual(["Yes", "x", "[1,2]"]);
});
