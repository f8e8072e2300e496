// Words on colours.
import { expect, test } from "vitest";

import { contrast, isColour, seenOnWhite, wordsOn } from "./readable";

test("words are black on light colours and white on dark ones", () => {
  expect(wordsOn("#ffd400")).toBe("#000000");
  expect(wordsOn("#123456")).toBe("#ffffff");
});

test("whatever the colour, its words can be read", () => {
  for (let number = 0; number <= 0xffffff; number += 4919) {
    const colour = `#${number.toString(16).padStart(6, "0")}`;
    expect(contrast(wordsOn(colour), colour)).toBeGreaterThanOrEqual(4.5);
  }
});

test("a colour is six digits after a #", () => {
  expect(isColour("#1A2b3c")).toBe(true);
  expect(isColour("#fff")).toBe(false);
  expect(isColour("red")).toBe(false);
});

test("a colour that could not be seen on white is made darker, another stays", () => {
  expect(contrast(seenOnWhite("#ffd400"), "#ffffff")).toBeGreaterThanOrEqual(3);
  expect(contrast(seenOnWhite("#ffffff"), "#ffffff")).toBeGreaterThanOrEqual(3);
  expect(seenOnWhite("#0f766e")).toBe("#0f766e");
});
