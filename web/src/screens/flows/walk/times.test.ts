import { expect, test } from "vitest";

import { later } from "./times";

const NOW = "2026-03-01T12:00:00Z";

test.each([
  ["2026-03-01T12:00:20Z", "now"],
  ["2026-03-01T12:45:00Z", "+ 45 min"],
  ["2026-03-01T14:00:00Z", "+ 2 h"],
  ["2026-03-02T12:00:00Z", "+ 1 day"],
  ["2026-03-04T15:30:00Z", "+ 3 days 3 h"],
])("%s is %s", (at, said) => {
  expect(later(at, NOW)).toBe(said);
});
