// The branches of a step: the lists of steps that it holds, each known by where it stands in the step.
import { type Branch, type Email, is, type Step } from "./steps";

/** Where a branch stands in its step: "then", "else", or "wait_for.1", "split.0", "random.2". */
export type Side = string;

export interface Way {
  side: Side;
  steps: Step[];
}

/** A step that splits people up, or waits for one of several things: in the order drawn. */
export function waysOf(step: Step): Way[] {
  if (is(step, "if") || is(step, "if_event")) return [way("then", step.then), way("else", step.else)];
  if (is(step, "wait_for")) return [...listed("wait_for", step.wait_for), way("else", step.else)];
  if (is(step, "split")) return [...listed("split", step.split), way("else", step.else)];
  return is(step, "random") ? listed("random", step.random) : [];
}

/** The branches of a step whose branches are counted: of waits, splits by several conditions, and random splits. */
export function branchesOf(step: Step): Branch[] {
  if (is(step, "wait_for")) return step.wait_for;
  if (is(step, "split")) return step.split;
  return is(step, "random") ? step.random : [];
}

/** The step with other branches; those that stay keep their place in what people wait for. */
export function withBranches(step: Step, branches: Branch[]): Step {
  if (is(step, "wait_for")) return { ...step, wait_for: branches };
  if (is(step, "split")) return { ...step, split: branches };
  return is(step, "random") ? { ...step, random: branches } : step;
}

/** The step with these steps in one of its branches. */
export function withSteps(step: Step, side: Side, steps: Step[]): Step {
  if (side === "then" || side === "else") return { ...step, [side]: steps };
  const index = Number(side.split(".")[1]);
  return withBranches(step, branchesOf(step).map((branch, at) => (at === index ? { ...branch, then: steps } : branch)));
}

/** The emails of a test; of an email, itself. */
export function emailsOf(step: Step): Email[] {
  if (is(step, "email")) return [step];
  return is(step, "ab_test") ? step.ab_test : [];
}

/** All steps of a list and of the branches within, from top to bottom. */
export function* everyStep(steps: readonly Step[]): Generator<Step> {
  for (const step of steps) {
    yield step;
    for (const { steps: inside } of waysOf(step)) yield* everyStep(inside);
  }
}

/** The list with every step changed, those in branches before the step that holds them. Unchanged steps stay the same. */
export function mapped(steps: readonly Step[], change: (step: Step) => Step): Step[] {
  return steps.map((step) => {
    const inside = waysOf(step).reduce((whole, { side, steps: list }) => {
      const next = mapped(list, change);
      return next.every((one, at) => one === list[at]) ? whole : withSteps(whole, side, next);
    }, step);
    return change(inside);
  });
}

function way(side: Side, steps: Step[] | null | undefined): Way {
  return { side, steps: steps ?? [] };
}

function listed(kind: string, branches: Branch[]): Way[] {
  return branches.map((branch, index) => way(`${kind}.${index}`, branch.then));
}

/** Whether everybody who goes this way has left the flow at its end. */
export function leaves(steps: readonly Step[]): boolean {
  return steps.some((step) => {
    const ways = waysOf(step);
    return is(step, "exit") || (ways.length > 0 && ways.every((one) => leaves(one.steps)));
  });
}

