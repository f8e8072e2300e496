// Times in the brand's zone, over the days on which clocks change.
import { describe, expect, it } from "vitest";

import { addMonths, weeksOf } from "./month";
import { dayOf, instantOf, nextHour, wallOf } from "./zoned";

describe("a time in a zone", () => {
  it("is the instant at which a clock there shows it", () => {
    expect(instantOf("2026-03-02 09:00:00", "America/New_York")).toBe("2026-03-02T14:00:00.000Z");
    expect(instantOf("2026-07-02 09:00", "Europe/Berlin")).toBe("2026-07-02T07:00:00.000Z");
    expect(instantOf("2026-03-02 09:00", "Asia/Kolkata")).toBe("2026-03-02T03:30:00.000Z");
  });
  it("comes back from any instant", () => {
    for (const zone of ["Pacific/Kiritimati", "America/St_Johns", "UTC"]) {
      expect(instantOf(wallOf("2026-10-25T00:30:00Z", zone), zone)).toBe("2026-10-25T00:30:00.000Z");
    }
  });
  it("is the first of the two when clocks fall back", () => {
    expect(instantOf("2026-11-01 01:30", "America/New_York")).toBe("2026-11-01T05:30:00.000Z");
  });
  it("that clocks skip is still one", () => {
    expect(wallOf(instantOf("2026-03-08 02:30", "America/New_York"), "America/New_York")).toBe("2026-03-08 03:30:00");
  });
  it("falls on the day of the zone", () => {
    expect(dayOf("2026-03-03T03:30:00Z", "America/New_York")).toBe("2026-03-02");
  });
  it("proposes a full hour", () => {
    expect(nextHour("2026-03-02T12:10:00Z")).toBe("2026-03-02T14:00:00.000Z");
  });
});

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
