import { expect, test } from "vitest";

import type { Use } from "./email";
import { inWords, isGoing, isOver, takesWhatIsSaved } from "./uses";

const flow = (status: string): Use => ({ kind: "flow", id: null, slug: "welcome", name: "Welcome", status });
const campaign = (status: string): Use => ({ kind: "campaign", id: 7, slug: null, name: "Sale", status });

test("flows come before campaigns, each counted in words", () => {
  expect(inWords([flow("live")])).toBe("1 flow");
  expect(inWords([flow("live"), campaign("sent"), campaign("draft")])).toBe("1 flow, 2 campaigns");
  expect(inWords([campaign("sent")])).toBe("1 campaign");
});

test("a campaign that was sent is over, and holds nothing back", () => {
  expect(isOver(campaign("sent"))).toBe(true);
  expect(isGoing(campaign("sent"))).toBe(false);
  expect(isOver(flow("draft"))).toBe(false);
  expect(isGoing(campaign("scheduled"))).toBe(true);
});

test("what is saved reaches flows and drafts, not a campaign that keeps what it was scheduled with", () => {
  expect([flow("live"), campaign("draft"), campaign("scheduled"), campaign("sent")].map(takesWhatIsSaved)).toEqual([true, true, false, false]);
});
