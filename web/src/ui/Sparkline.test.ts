// The shape of a small curve.
import { expect, it } from "vitest";

import { curve } from "./Sparkline";

const heights = (values: number[]) => [...curve(values).matchAll(/[\d.]+ ([\d.]+)(?= C|$)/g)].map((found) => Number(found[1]));

it("runs from the lowest value to the highest", () => {
  expect(heights([0, 10, 5])).toEqual([41, 3, 22]);
});

it("lies in the middle when nothing changes, and at the bottom when there is nothing", () => {
  expect(heights([7, 7])).toEqual([22, 22]);
  expect(heights([0, 0])).toEqual([41, 41]);
});
