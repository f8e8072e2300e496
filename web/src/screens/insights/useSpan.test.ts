// Spans in addresses.
import { expect, test } from "vitest";

import { readSpan, spanQuery } from "./useSpan";

test("a report is of the last 30 days unless the address says otherwise", () => {
  expect(readSpan({})).toEqual({ days: "30" });
  expect(readSpan({ days: "90" })).toEqual({ days: "90" });
  expect(readSpan({ days: "12" })).toEqual({ days: "30" });
});

test("days of a calendar count only as a pair that makes sense", () => {
  expect(readSpan({ since: "2018-01-01", until: "2018-01-31" })).toEqual({ since: "2018-01-01", until: "2018-01-31" });
  expect(readSpan({ since: "2018-02-01", until: "2018-01-31" })).toEqual({ days: "30" });
  expect(readSpan({ since: "yesterday", until: "2018-01-31" })).toEqual({ days: "30" });
  expect(readSpan({ since: "2018-01-01" })).toEqual({ days: "30" });
});

test("a download asks for the same span", () => {
  expect(spanQuery({ days: "7" })).toBe("days=7");
  expect(spanQuery({ since: "2018-01-01", until: "2018-01-31" })).toBe("since=2018-01-01&until=2018-01-31");
});
