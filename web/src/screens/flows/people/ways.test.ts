import { expect, test } from "vitest";

import { ways } from "./ways";

const by = (trigger: unknown) => ways({ flow: "a", trigger, steps: [] });

test("whom a flow can be given depends on what starts it", () => {
  expect(by({ manual: {} })).toEqual(["people", "segment", "list"]);
  expect(by({ list: "Newsletter" })).toContain("past");
  expect(by({ segment: "VIP" })).toContain("people");
  expect(by({ metric: "Placed Order" })).toEqual(["past"]);
});

test("nobody is added by hand where a date, a price or a call begins it, or nothing yet", () => {
  for (const trigger of [{ date: "birthday" }, { price_drop: {} }, { api: {} }, {}, null, undefined]) expect(by(trigger)).toEqual([]);
  expect(ways(null)).toEqual([]);
});
