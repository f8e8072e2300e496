// Times in a zone, over the days on which clocks change.
import { describe, expect, it } from "vitest";

import { dayOf, fieldOf, instantOf, nextHour, offsetInstantOf, wallOf } from "./zoned";

describe("a time in a zone", () => {
  it("is the instant at which a clock there shows it", () => {
    expect(instantOf("2026-03-02 09:00:00", "America/New_York")).toBe("2026-03-02T14:00:00.000Z");
    expect(instantOf("2026-07-02 09:00", "Europe/Berlin")).toBe("2026-07-02T07:00:00.000Z");
    expect(instantOf("2026-03-02T09:00", "Asia/Kolkata")).toBe("2026-03-02T03:30:00.000Z");
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

describe("a time with its offset", () => {
  it("reads as the zone's clock", () => {
    expect(offsetInstantOf("2026-07-01T00:00", "Europe/Berlin")).toBe("2026-07-01T00:00:00+02:00");
    expect(offsetInstantOf("2026-03-29T03:30", "Europe/Berlin")).toBe("2026-03-29T03:30:00+02:00");
    expect(offsetInstantOf("2026-01-01T12:00", "America/St_Johns")).toBe("2026-01-01T12:00:00-03:30");
  });
  it("is the first of the two when clocks fall back", () => {
    expect(offsetInstantOf("2026-10-25T02:30", "Europe/Berlin")).toBe("2026-10-25T02:30:00+02:00");
  });
  it("that clocks skip is told as they show it", () => {
    expect(offsetInstantOf("2026-03-29T02:30", "Europe/Berlin")).toBe("2026-03-29T03:30:00+02:00");
  });
  it("keeps the four digits of a year that is being typed", () => {
    expect(offsetInstantOf("0020-01-01T00:00", "UTC")).toBe("0020-01-01T00:00:00+00:00");
  });
});

describe("a field", () => {
  it("shows an instant on the zone's clock", () => {
    expect(fieldOf("2026-03-01T00:00:00+01:00", "Europe/Berlin")).toBe("2026-03-01T00:00");
    expect(fieldOf("2026-03-01", "Europe/Berlin")).toBe("2026-03-01T01:00");
    expect(fieldOf("2026-03-01T10:00", "Europe/Berlin")).toBe("2026-03-01T11:00");
  });
  it("leaves alone what is no instant", () => {
    expect(fieldOf("tomorrow", "Europe/Berlin")).toBe("tomorrow");
  });
});
