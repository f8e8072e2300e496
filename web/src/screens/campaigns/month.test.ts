// A month's weeks, and the way from month to month.
import { describe, expect, it } from "vitest";

import { addMonths, weeksOf } from "./month";

describe("a month", () => {
  it("is laid out in whole weeks from Monday", () => {
    const weeks = weeksOf("2026-03");
    expect(weeks).toHaveLength(6);
    expect(weeks[0]![0]).toBe("2026-02-23");
    expect(weeks[5]![6]).toBe("2026-04-05");
    expect(weeksOf("2027-02")).toHaveLength(4);
  });
  it("turns the year", () => {
    expect([addMonths("2026-12", 1), addMonths("2026-01", -1)]).toEqual(["2027-01", "2025-12"]);
  });
});
