import { expect, it } from "vitest";

import { HEAD } from "./builder";
import { byPlace, headProblems, ofBrand, placeOfProblem, problemsOf, saying, sayings, toldOn, toldOnTrigger } from "./problems";
import type { Definition } from "./steps";

const flow: Definition = {
  flow: "a-flow",
  trigger: { metric: "" },
  exit_on: [{ metric: "" }],
  steps: [
    { id: "ask", if: [{ list: "" }], then: [{ id: "tell", notify: { to: [], subject: "" } }], else: [] },
    { id: "test", ab_test: [{ id: "a", email: "", share: 50 }, { id: "b", email: "Gone", share: 50 }] },
    { id: "settle", delay: {} },
  ],
};
const of = (step: string, field: string, detail = "must be text") => ({ step, field, detail });

it("says what is still to be chosen where nothing stands yet", () => {
  expect(saying(flow, of("", "trigger.metric"))).toBe("Choose an event.");
  expect(saying(flow, of("ask", "steps[0].if[0].list", "must be a list's name or id"))).toBe("Choose a list.");
  expect(saying(flow, of("tell", "steps[0].then[0].notify.to", "must be 1 to 20 addresses"))).toBe("Say who gets it.");
  expect(saying(flow, of("a", "steps[1].ab_test[0].email"))).toBe("Choose an email.");
  expect(saying(flow, of("settle", "steps[2].delay", "a span needs days, hours, minutes or weeks"))).toBe("Say how long to wait.");
});

it("says what the server says where something stands", () => {
  expect(saying(flow, of("b", "steps[1].ab_test[1].email", "there is no template named Gone"))).toBe("There is no template named Gone.");
});

it("says the same thing once", () => {
  expect(sayings(flow, [of("a", "steps[1].ab_test[0].email"), of("a", "steps[1].ab_test[0].email")])).toEqual(["Choose an email."]);
});

it("leads to the step, the test that an email belongs to, or the part of the head", () => {
  expect(placeOfProblem(flow, of("b", "steps[1].ab_test[1].email"))).toBe("test");
  expect(placeOfProblem(flow, of("", "exit_on[0].metric"))).toBe(HEAD.exits);
  expect(placeOfProblem(flow, of("", "send_window.from"))).toBe(HEAD.settings);
  expect(placeOfProblem(flow, of("", "name"))).toBe(HEAD.trigger);
});

it("does not repeat on a card what its title says", () => {
  expect(toldOn({ ...flow, steps: [{ id: "mail", email: "" }] }, [of("mail", "steps[0].email")], { id: "mail", email: "" })).toEqual([]);
  expect(toldOn(flow, [of("a", "steps[1].ab_test[0].email")], flow.steps[1]!)).toEqual(["Choose an email."]);
  expect(toldOnTrigger(flow, [of("", "trigger.metric")])).toEqual([]);
  expect(toldOnTrigger({ ...flow, trigger: {} }, [of("", "trigger"), of("", "steps")])).toEqual([]);
});

it("gathers them by their place", () => {
  const all = [of("", "trigger.metric"), of("a", "steps[1].ab_test[0].email"), of("b", "steps[1].ab_test[1].email"), of("", "brand.from_email")];

  expect(byPlace(flow, all)).toEqual([[HEAD.trigger, [all[0]]], ["test", [all[1], all[2]]]]);
});

it("keeps the brand's own problems out of the flow's", () => {
  const sender = of("", "brand.from_email", "the brand needs an address");
  const all = [sender, of("", "trigger.metric"), of("a", "steps[1].ab_test[0].email")];

  expect(ofBrand(sender)).toBe(true);
  expect(headProblems(all)).toEqual([all[1]]);
  expect(problemsOf(all, flow.steps[1]!)).toEqual([all[2]]);
});
