// Days and weeks of charts.
import { expect, test } from "vitest";

import { buckets, type Day, dayRange, unitOf } from "./buckets";

const days = (count: number): Day[] =>
  Array.from({ length: count }, (_, at) => ({
    day: new Date(Date.UTC(2018, 0, 1 + at)).toISOString().slice(0, 10),
    revenue_flows: 1.1, revenue_campaigns: 2, sent: 3, delivered: 3, opened: 2, clicked: 1, new_subscribers: 4, lost_subscribers: 1,
  }));

test("a month has a point a day", () => {
  const found = buckets(days(30));
  expect(unitOf(days(30))).toBe("day");
  expect(found).toHaveLength(30);
  expect(found[0]).toMatchObject({ label: "1 Jan", flows: 1.1, joined: 4 });
});

test("a quarter has a point a week, the last of which ends today", () => {
  const found = buckets(days(90));
  expect(found).toHaveLength(12);
  expect(found.at(-1)).toMatchObject({ flows: 7.7, sent: 21 });
  expect(found.at(-1)!.label).toMatch(/^25\s?–\s?31 Mar$/);
  expect(found[0]!.label).toMatch(/^7\s?–\s?13 Jan$/);
});

test("a range names its year once", () => {
  expect(dayRange("2018-01-05", "2018-01-26")).toMatch(/^5\s?–\s?26 Jan 2018$/);
  expect(dayRange("2017-12-28", "2018-01-26")).toMatch(/^28 Dec 2017\s–\s26 Jan 2018$/);
});
