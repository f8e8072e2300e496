// The plan of a series.
import { describe, expect, it } from "vitest";

import { freshPlan, inOrder, missing, problems, withDay } from "./seriesPlan";

const FIRST = "2026-03-02T14:00:00.000Z";

describe("a series' plan", () => {
  it("begins as three days", () => {
    expect(freshPlan(FIRST).days.map((day) => day.send_at.slice(0, 10))).toEqual(["2026-03-02", "2026-03-03", "2026-03-04"]);
  });
  it("grows by a day after the last", () => {
    expect(withDay(freshPlan(FIRST), "x").days.at(-1)).toMatchObject({ name: "Day 4", send_at: "2026-03-05T14:00:00.000Z" });
  });
  it("says what keeps it from being saved and scheduled", () => {
    const plan = freshPlan(FIRST);
    expect(problems(plan)).toEqual({ name: "A series needs a name." });
    expect(missing(plan, "2026-03-03T00:00:00.000Z")).toEqual(["Choose who gets it.", "3 days have no email yet.", "The time of one day has passed."]);
  });
  it("stands in the order of time", () => {
    const [first, second, third] = freshPlan(FIRST).days;
    expect(inOrder([third!, first!, second!]).map((day) => day.name)).toEqual(["It begins", "Still on", "The last day"]);
  });
});
