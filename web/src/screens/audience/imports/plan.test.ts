import { expect, test } from "vitest";

import { bodyOf, consentedAt, lacking, type Plan, troubles } from "./plan";

const plan: Plan = { mapping: [{ to: "email", name: "", type: "text" }, { to: "property", name: "tier", type: "text" }], list: "3", startsFlows: true, consented: true, source: " Counter ", day: "2024-05-01", existing: "update" };
const NOW = "2026-03-02T09:00:00Z";

test("a plan is sent as it stands", () => {
  expect(bodyOf(plan, NOW)).toEqual({ mapping: plan.mapping, list_id: 3, starts_flows: true, consent: { source: "Counter", at: "2024-05-01T12:00:00.000Z" }, existing: "update" });
  expect(bodyOf({ ...plan, list: null, consented: false }, NOW)).toMatchObject({ list_id: null, starts_flows: false, consent: null });
});

test("consent of today is not in the future", () => {
  expect(consentedAt("2026-03-02", NOW)).toBe("2026-03-02T09:00:00.000Z");
  expect(consentedAt("2026-03-03", NOW)).toBe("2026-03-03T12:00:00.000Z");
});

test("consent needs a proof: how, and a day that has come", () => {
  expect(lacking(plan, NOW)).toEqual({});
  expect(lacking({ ...plan, consented: false, source: "", day: "" }, NOW)).toEqual({});
  expect(Object.keys(lacking({ ...plan, source: " ", day: "" }, NOW))).toEqual(["source", "day"]);
  expect(lacking({ ...plan, day: "2026-03-03" }, NOW)).toEqual({ day: "This day is still to come." });
});

test("what stands against the columns is said where it is", () => {
  expect(troubles(plan, ["A", "B"])).toEqual({ columns: {}, general: null });
  const doubled = { ...plan, mapping: [...plan.mapping, { to: "email", name: "", type: "text" } as const, { to: "property", name: " ", type: "text" } as const] };
  expect(troubles(doubled, ["A", "B", "C", "D"]).columns).toEqual({ 2: "“A” becomes the same.", 3: "Give the property a name." });
  expect(troubles({ ...plan, mapping: [{ to: "skip", name: "", type: "text" }] }, ["A"]).general).toMatch(/which column/);
});
