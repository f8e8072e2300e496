// Every change to a flow keeps what it is not about: over all ready-made flows, as the API answers them.
import { describe, expect, it } from "vitest";

import { everyStep, leaves, waysOf } from "./branches";
import { addBranch, canShift, change, duplicate, find, insert, listAt, neighbour, pathOf, type Place, placeOf, read, remove, removeBranch, shift, withEmailsLive } from "./document";
import { freshStep } from "./fresh";
import { named, taken } from "./ids";
import recipes from "./recipes.fixture.json";
import { type Definition, KINDS, kindOf } from "./steps";

const all = Object.entries(recipes).map(([slug, given]) => [slug, read(given as never)] as const);
const json = (value: unknown) => JSON.stringify(value);
/** A branch without steps may be written as an empty list, or left out. */
const meaning = (value: unknown) => JSON.stringify(value, (key, one) => ((key === "then" || key === "else") && one.length === 0 ? undefined : one));

/** Every place where a step can be put. */
function places(definition: Definition): Place[] {
  const found: Place[] = definition.steps.map((_, index) => ({ owner: null, side: "", index }));
  for (const step of everyStep(definition.steps)) {
    for (const way of waysOf(step)) found.push(...[...way.steps, null].map((_, index) => ({ owner: step.id, side: way.side, index })));
  }
  return [...found, { owner: null, side: "", index: definition.steps.length }];
}

describe.each(all)("%s", (slug, definition) => {
  const given = recipes[slug as keyof typeof recipes];

  it("is written as it was read", () => {
    expect(json(definition)).toBe(json(given));
  });

  it("takes a step anywhere, and is as before when it is taken out again", () => {
    for (const place of places(definition)) {
      for (const kind of ["email", "if", "random"] as const) {
        const step = freshStep(kind, taken(definition));
        const longer = insert(definition, place, step);
        expect(placeOf(longer, step.id)).toEqual(place);
        expect(json(longer)).toContain(json(step));
        expect(meaning(remove(longer, step.id))).toBe(meaning(definition));
      }
    }
  });

  it("keeps every other step untouched when one is put in", () => {
    const place = places(definition).at(-1)!;
    const longer = insert(definition, place, freshStep("delay", taken(definition)));
    for (const step of definition.steps) expect(longer.steps).toContain(step);
  });

  it("gives a copy ids that nothing had", () => {
    for (const step of everyStep(definition.steps)) {
      const [longer, copy] = duplicate(definition, step.id, ["offer-1"]);
      expect(new Set(taken(longer)).size).toBe([...everyStep(longer.steps)].length);
      expect(taken(definition).has(copy) || copy === "offer-1").toBe(false);
      expect(find(longer, step.id)).toBe(step);
    }
  });

  it("moves a step down and up again", () => {
    for (const step of everyStep(definition.steps)) {
      const moved = shift(definition, step.id, 1);
      expect(moved === definition).toBe(!canShift(definition, step.id, 1));
      if (moved !== definition) expect(json(shift(moved, step.id, -1))).toBe(json(definition));
    }
  });

  it("names each step by the path that the server uses", () => {
    for (const step of everyStep(definition.steps)) {
      const parts = [...pathOf(definition, step.id).matchAll(/\.?([^.[\]]+)|\[(\d+)\]/g)].map((part) => part[1] ?? Number(part[2]));
      expect(parts.reduce((node: never, part) => node[part as never], definition as never)).toBe(step);
    }
  });

  it("leads through its steps by arrow keys, and back to the trigger", () => {
    for (const step of everyStep(definition.steps)) {
      let [here, count] = [step.id, 0];
      while (here !== "" && count < 100) [here, count] = [neighbour(definition, here, "ArrowUp")!, count + 1];
      expect(here).toBe("");
    }
  });
});

const looking = read({
  flow: "looking",
  trigger: { metric: "Viewed Product" },
  steps: [
    { delay: { hours: 1 } },
    { wait_for: [{ metric: "Placed Order", then: ["exit"] }, { metric: "Clicked Email", then: [{ email: "more/Second Look.mjml" }] }], within: { days: 2 }, else: [{ delay: { days: 1 } }] },
    { email: "last.mjml" },
  ],
});

describe("a flow without ids", () => {
  it("gets those that the server gives", () => {
    expect([...everyStep(looking.steps)].map((step) => step.id)).toEqual(["delay-1", "wait-for-1", "exit-1", "second-look", "delay-2", "last"]);
  });

  it("keeps them when a step comes between", () => {
    const longer = insert(looking, { owner: null, side: "", index: 0 }, freshStep("delay", taken(looking)));
    expect(named(longer.steps)).toBe(longer.steps);
    expect(longer.steps.map((step) => step.id)).toEqual(["delay-3", "delay-1", "wait-for-1", "last"]);
  });
});

describe("removing", () => {
  it("takes what follows in the branch along, if asked", () => {
    expect(remove(looking, "wait-for-1", { rest: true }).steps.map((step) => step.id)).toEqual(["delay-1"]);
  });

  it("keeps the steps of one branch, if asked", () => {
    expect(remove(looking, "wait-for-1", { keep: "wait_for.1" }).steps.map((step) => step.id)).toEqual(["delay-1", "second-look", "last"]);
  });

  it("leaves nothing behind an exit that it keeps", () => {
    expect(remove(looking, "wait-for-1", { keep: "wait_for.0" }).steps.map((step) => step.id)).toEqual(["delay-1", "exit-1"]);
  });
});

describe("branches", () => {
  const grown = change(looking, "wait-for-1", (step) => addBranch(step, { metric: "Opened Email" }));

  it("come before the way out by time, and can be taken away", () => {
    expect(waysOf(find(grown, "wait-for-1")!).map((way) => way.side)).toEqual(["wait_for.0", "wait_for.1", "wait_for.2", "else"]);
    expect(json(change(grown, "wait-for-1", (step) => removeBranch(step, 2)))).toBe(json(looking));
  });

  it("take steps where they had none", () => {
    const place = { owner: "wait-for-1", side: "wait_for.2", index: 0 };
    const step = freshStep("coupon", taken(grown));
    expect(listAt(insert(grown, place, step), place)).toEqual([step]);
  });
});

it("never moves an exit above a step", () => {
  const flow = read({ flow: "short", trigger: { manual: {} }, steps: [{ delay: { days: 1 } }, "exit"] });
  expect(canShift(flow, "exit-1", -1)).toBe(false);
  expect(canShift(flow, "delay-1", 1)).toBe(false);
});

it("can begin every kind of step", () => {
  const known = new Set<string>();
  for (const kind of KINDS) expect(kindOf(freshStep(kind, known))).toBe(kind);
  expect(leaves([freshStep("exit", known)])).toBe(true);
});

it("sets emails live that are drafts, those of tests and in branches too, and nothing else", () => {
  const mail = { id: "a", email: "A", status: "draft" } as const;
  const held = { id: "b", email: "B", status: "manual" } as const;
  const hook = { id: "c", webhook: { url: "https://x.example" }, status: "draft" } as const;
  const test = { id: "t", ab_test: [{ id: "d", email: "D", share: 50, status: "draft" as const }, { id: "e", email: "E", share: 50 }] };
  const flow: Definition = { flow: "f", trigger: {}, steps: [{ id: "ask", if: [], then: [mail], else: [] }, held, hook, test] };

  expect(withEmailsLive(flow).steps).toEqual([
    { id: "ask", if: [], then: [{ id: "a", email: "A" }], else: [] },
    held,
    hook,
    { id: "t", ab_test: [{ id: "d", email: "D", share: 50 }, { id: "e", email: "E", share: 50 }] },
  ]);
});
