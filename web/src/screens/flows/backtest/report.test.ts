import { expect, test } from "vitest";

import { csvOf, daysOf, linesOf, type Report, sum } from "./report";

const STAKE = { runs_without_order: 1, value_without_order: 20, runs_with_order: 0, orders: 0, order_value: 0 };
const step = (sent_by_day: Record<string, number>) => ({ sent: sum(sent_by_day), sent_by_day, skipped: { smart_sending: 2 }, done: 0, left: {}, waiting: 1 });

const report: Report = {
  flow: "a", start: "2026-01-01T00:00:00Z", end: "2026-02-01T00:00:00Z", people: 2, without_address: 0, triggers: 3, entries: 3, people_entered: 2,
  entries_by_day: { "2026-01-30": 3 }, refused: { again: 1 }, steps: { first: step({ "2026-01-30": 1, "2026-02-01": 1 }), none: { ...step({}), skipped: {}, waiting: 0 } },
  sent: 2, skipped: {}, completed: 1, left: {}, waiting: 1, capped: {}, other_flows: { 'say "hi"': 1, "=1+1": 2 }, campaign_mail: 0, stake: STAKE, events: 9, seconds: 0.1,
};

test("lines are taken whole, whatever pieces the stream comes in", () => {
  const first = linesOf('{"progress":{"done":1,"people":2,"events":3,"entries":0,"sent":0}}\n{"repor');
  expect(first.lines).toHaveLength(1);
  const second = linesOf(`${first.rest}ts":[]}\n`);
  expect(second).toEqual({ lines: [{ reports: [] }], rest: "" });
});

test("days without anything stand between those with, and steps that sent nothing are left out", () => {
  expect(daysOf(report)).toEqual([
    { day: "2026-01-30", entries: 3, sent: { first: 1 } },
    { day: "2026-01-31", entries: 0, sent: { first: 0 } },
    { day: "2026-02-01", entries: 0, sent: { first: 1 } },
  ]);
  expect(daysOf({ ...report, entries_by_day: {}, steps: {} })).toEqual([]);
});

test("the file quotes what must be quoted, and no cell is a formula", () => {
  const lines = csvOf([{ name: "live", report }]).split("\r\n");
  expect(lines[0]).toBe("version,what,step,day,reason,count");
  expect(lines).toContain("live,sent by day,first,2026-01-30,,1");
  expect(lines).toContain('live,in another flow meanwhile,,,"say ""hi""",1');
  expect(lines).toContain("live,in another flow meanwhile,,,'=1+1,2");
});
