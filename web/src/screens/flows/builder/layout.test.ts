// The drawing of a flow: nothing overlaps, branches keep their order, and the trigger stays where it is.
import { describe, expect, it } from "vitest";

import { everyStep } from "./branches";
import { insert, read } from "./document";
import { freshStep } from "./fresh";
import { taken } from "./ids";
import { END, layout, type Spot, TRIGGER, WIDTH } from "./layout";
import { drawn } from "./path";
import recipes from "./recipes.fixture.json";

const sizes = { trigger: 90, step: (step: object) => ("email" in step ? 120 : 70) };
const all = Object.entries(recipes).map(([slug, given]) => [slug, read(given as never)] as const);
const overlap = (one: Spot, other: Spot) => Math.abs(one.x - other.x) < WIDTH && one.y < other.y + other.height && other.y < one.y + one.height;

describe.each(all)("%s", (_, definition) => {
  const sheet = layout(definition, sizes);
  const cards = sheet.spots.filter((spot) => spot.height > 0);

  it("draws every step once", () => {
    expect(sheet.spots.filter((spot) => spot.kind === "step").map((spot) => spot.id)).toEqual([...everyStep(definition.steps)].map((step) => step.id));
    expect(new Set(sheet.lines.map((line) => line.id)).size).toBe(sheet.lines.length);
  });

  it("keeps the trigger at the origin", () => {
    expect(sheet.spots[0]).toMatchObject({ id: TRIGGER, x: 0, y: 0 });
  });

  it("lets nothing overlap", () => {
    for (const [index, one] of cards.entries()) for (const other of cards.slice(index + 1)) expect(overlap(one, other), `${one.id} and ${other.id}`).toBe(false);
  });

  it("draws lines that begin at one spot and end at another, straight from corner to corner", () => {
    const at = new Map(sheet.spots.map((spot) => [spot.id, spot]));
    for (const { from, to, points } of sheet.lines) {
      expect(points[0]).toEqual({ x: at.get(from)!.x, y: at.get(from)!.y + at.get(from)!.height });
      expect(points.at(-1)).toEqual({ x: at.get(to)!.x, y: at.get(to)!.y });
      for (const [index, point] of points.slice(1).entries()) expect(point.x === points[index]!.x || point.y === points[index]!.y).toBe(true);
    }
  });

  it("has room for a step in every line", () => {
    for (const { plus } of sheet.lines) for (const card of cards) expect(Math.abs(card.x - plus.x) < WIDTH / 2 && plus.y > card.y && plus.y < card.y + card.height).toBe(false);
  });
});

const split = read({
  flow: "split",
  trigger: { manual: {} },
  steps: [{ id: "chance", random: [{ share: 30, name: "A", then: [{ id: "a", delay: { days: 1 } }] }, { share: 30, name: "B" }, { share: 40, name: "C", then: [{ id: "c", exit: {} }] }] }],
});

it("keeps branches in their order, the middle one below its step", () => {
  const sheet = layout(split, sizes);
  const names = sheet.lines.filter((line) => line.branch).map((line) => line.branch!).toSorted((one, other) => one.at.x - other.at.x);
  expect(names.map((branch) => branch.side)).toEqual(["random.0", "random.1", "random.2"]);
  expect(names.map((branch) => Math.sign(branch.at.x))).toEqual([-1, 0, 1]);
});

it("brings the branches together that go on, and ends once", () => {
  const sheet = layout(split, sizes);
  expect(sheet.lines.filter((line) => line.to === "chance·join").map((line) => line.place.side)).toEqual(["random.0", "random.1"]);
  expect(sheet.spots.filter((spot) => spot.id === END)).toHaveLength(1);
});

it("has no end where everybody leaves before", () => {
  const gone = read({ flow: "gone", trigger: { manual: {} }, steps: [{ if: { list: "A" }, then: ["exit"], else: ["exit"] }] });
  expect(layout(gone, sizes).spots.some((spot) => spot.id === END || spot.kind === "join")).toBe(false);
});

it("leaves what stands above a new step where it was", () => {
  const before = layout(split, sizes);
  const longer = insert(split, { owner: "chance", side: "random.0", index: 1 }, freshStep("email", taken(split)));
  const after = layout(longer, sizes);
  expect(after.spots.slice(0, 3)).toEqual(before.spots.slice(0, 3));
});

it("rounds its corners", () => {
  expect(drawn([{ x: 0, y: 0 }, { x: 0, y: 40 }, { x: 60, y: 40 }])).toBe("M 0 0 L 0 30 Q 0 40 10 40 L 60 40");
});
