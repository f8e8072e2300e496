// The points of a campaign's curve.
import { describe, expect, it } from "vitest";

import { pointsOf } from "./curve";

const hour = (at: string, opened: number) => ({ at, sent: 0, opened, clicked: 0 });

describe("the curve of a campaign", () => {
  it("fills the hours between", () => {
    const { by, points } = pointsOf([hour("2026-03-02T14:00:00Z", 5), hour("2026-03-02T17:00:00Z", 2)], "America/New_York");
    expect(by).toBe("hour");
    expect(points.map(({ opened }) => opened)).toEqual([5, 0, 0, 2]);
    expect(points[0]!.label).toBe("2 Mar 09:00");
  });
  it("goes by the days of the zone when it is long", () => {
    const { by, points } = pointsOf([hour("2026-03-03T03:00:00Z", 1), hour("2026-03-03T15:00:00Z", 2), hour("2026-03-09T15:00:00Z", 4)], "America/New_York");
    expect(by).toBe("day");
    expect(points.map(({ label, opened }) => [label, opened])).toEqual([["2 Mar", 1], ["3 Mar", 2], ["9 Mar", 4]]);
  });
  it("of nothing is nothing", () => {
    expect(pointsOf([], "UTC").points).toEqual([]);
  });
});
