// What can be done to a flow's definition: insert, remove, move, copy. Pure: each answers a new definition, in which
// whatever is not concerned is the same object as before, so nothing that the app does not know is ever lost.
import { branchesOf, emailsOf, everyStep, leaves, mapped, type Side, waysOf, withBranches, withSteps } from "./branches";
import { freshId, named, taken } from "./ids";
import { type Branch, type Definition, type Email, is, kindOf, type Step } from "./steps";

/** Where a step stands, or may be put: before the step number `index` of a branch. No owner: the flow's own steps. */
export interface Place {
  owner: string | null;
  side: Side;
  index: number;
}

/** The definition as the app works on it: every step has its id. */
export function read(given: { [key: string]: unknown }): Definition {
  return { ...given, steps: named(given.steps) } as Definition;
}

// ── looking ─────────────────────────────────────────────────────────────────────────────────────────────────────────
export function find(definition: Definition, id: string): Step | undefined {
  for (const step of everyStep(definition.steps)) if (step.id === id) return step;
  return undefined;
}

/** The step that an id leads to: its own, or the test whose email it is. */
export function holder(definition: Definition, id: string): Step | undefined {
  for (const step of everyStep(definition.steps)) if (step.id === id || emailsOf(step).some((email) => email.id === id)) return step;
  return undefined;
}

export function placeOf(definition: Definition, id: string): Place | undefined {
  const seek = (owner: string | null, side: Side, steps: readonly Step[]): Place | undefined => {
    for (const [index, step] of steps.entries()) {
      if (step.id === id) return { owner, side, index };
      for (const way of waysOf(step)) {
        const found = seek(step.id, way.side, way.steps);
        if (found) return found;
      }
    }
    return undefined;
  };
  return seek(null, "", definition.steps);
}

/** The steps of the branch that a place is in. */
export function listAt(definition: Definition, place: Place): Step[] {
  if (place.owner === null) return definition.steps;
  const owner = find(definition, place.owner);
  return (owner && waysOf(owner).find((way) => way.side === place.side)?.steps) ?? [];
}

/** The path under which the server speaks of a step: steps[2].then[0], or steps[1].ab_test[0] for an email of a test. */
export function pathOf(definition: Definition, id: string): string {
  const step = holder(definition, id);
  const place = step && placeOf(definition, step.id);
  if (!step || !place) return "";
  const side = place.side.replace(/\.(\d+)$/, "[$1].then");
  const list = place.owner === null ? "steps" : `${pathOf(definition, place.owner)}.${side}`;
  const whole = `${list}[${place.index}]`;
  return step.id === id ? whole : `${whole}.ab_test[${emailsOf(step).findIndex((email) => email.id === id)}]`;
}

// ── changing ────────────────────────────────────────────────────────────────────────────────────────────────────────
function withList(definition: Definition, place: Place, steps: Step[]): Definition {
  if (place.owner === null) return { ...definition, steps };
  return change(definition, place.owner, (owner) => withSteps(owner, place.side, steps));
}

/** The definition with one step changed. */
export function change(definition: Definition, id: string, by: (step: Step) => Step): Definition {
  return { ...definition, steps: mapped(definition.steps, (step) => (step.id === id ? by(step) : step)) };
}

/** The definition with every email that is a draft set live. */
export function withEmailsLive(definition: Definition): Definition {
  const live = <One extends Email>(email: One): One => (email.status === "draft" ? without({ ...email, status: undefined }) : email);
  const steps = mapped(definition.steps, (step) => (is(step, "email") ? live(step) : is(step, "ab_test") ? { ...step, ab_test: step.ab_test.map(live) } : step));
  return { ...definition, steps };
}

/** Put a step in. Put before others, a branching takes none of them in; they follow it. */
export function insert(definition: Definition, place: Place, step: Step): Definition {
  return withList(definition, place, listAt(definition, place).toSpliced(place.index, 0, step));
}

/** Take a step out. `keep`: the steps of this branch of it stay in its place. */
export function remove(definition: Definition, id: string, { rest = false, keep }: { rest?: boolean; keep?: Side } = {}): Definition {
  const place = placeOf(definition, id);
  if (!place) return definition;
  const list = listAt(definition, place);
  const kept = waysOf(list[place.index]!).find((way) => way.side === keep)?.steps ?? [];
  const after = rest ? [] : list.slice(place.index + 1);
  // Nothing can follow an exit: where the branch that stays ends the flow, what came after it has no way in.
  return withList(definition, place, [...list.slice(0, place.index), ...kept, ...(leaves(kept) ? [] : after)]);
}

/** The ids that removing takes away. */
export function lost(definition: Definition, after: Definition): string[] {
  const left = taken(after);
  return [...taken(definition)].filter((id) => !left.has(id));
}

/** One up or down in its branch; the same definition where there is nowhere to go. */
export function shift(definition: Definition, id: string, by: -1 | 1): Definition {
  return canShift(definition, id, by) ? swapped(definition, placeOf(definition, id)!, by) : definition;
}

export function canShift(definition: Definition, id: string, by: -1 | 1): boolean {
  const place = placeOf(definition, id);
  if (!place) return false;
  const list = listAt(definition, place);
  const [mine, other] = [list[place.index]!, list[place.index + by]];
  if (!other || kindOf(other) === "back_in_stock" || kindOf(mine) === "back_in_stock") return false;
  // Down past an exit, or an exit up past a step, would leave a step that nobody comes to.
  return !leaves([by === 1 ? other : mine]);
}

function swapped(definition: Definition, place: Place, by: -1 | 1): Definition {
  const list = listAt(definition, place);
  const step = list[place.index]!;
  return withList(definition, place, list.toSpliced(place.index, 1).toSpliced(place.index + by, 0, step));
}

/** A copy of a step, and of what is in its branches, with ids of its own. `known` are ids that are not to be given again. */
export function copied(step: Step, known: Set<string>): Step {
  const anew = (id: string) => freshId(id.replace(/-\d+$/, ""), known);
  return mapped([step], (one) => {
    const made = { ...one, id: anew(one.id) } as Step;
    if (!is(made, "ab_test")) return made;
    return { ...made, ab_test: made.ab_test.map((email) => ({ ...email, id: anew(email.id) })) };
  })[0]!;
}

/** Put a copy below a step; answers the copy's id too. */
export function duplicate(definition: Definition, id: string, reserved: Iterable<string> = []): [Definition, string] {
  const step = find(definition, id);
  const place = placeOf(definition, id);
  if (!step || !place) return [definition, id];
  const copy = copied(step, new Set([...taken(definition), ...reserved]));
  return [insert(definition, { ...place, index: place.index + 1 }, copy), copy.id];
}

// ── branches and tests ──────────────────────────────────────────────────────────────────────────────────────────────
export function addBranch(step: Step, branch: Branch): Step {
  return withBranches(step, [...branchesOf(step), branch]);
}

export function removeBranch(step: Step, index: number): Step {
  return withBranches(step, branchesOf(step).toSpliced(index, 1));
}

export function changeBranch(step: Step, index: number, by: Partial<Branch>): Step {
  return withBranches(step, branchesOf(step).map((branch, at) => (at === index ? without({ ...branch, ...by }) : branch)));
}

/** Fields set to undefined are left out, as they would be in a file. */
export function without<Value extends object>(value: Value): Value {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as Value;
}

// ── walking ─────────────────────────────────────────────────────────────────────────────────────────────────────────
/** The step that an arrow key leads to from another; undefined: there is none that way. "": the trigger. */
export function neighbour(definition: Definition, id: string, key: "ArrowUp" | "ArrowDown" | "ArrowLeft" | "ArrowRight"): string | undefined {
  if (id === "") return key === "ArrowDown" ? definition.steps[0]?.id : undefined;
  const place = placeOf(definition, id);
  if (!place) return undefined;
  if (key === "ArrowDown") return below(definition, id, place);
  if (key === "ArrowUp") return place.index > 0 ? listAt(definition, place)[place.index - 1]!.id : (place.owner ?? "");
  return beside(definition, place, key === "ArrowLeft" ? -1 : 1);
}

function below(definition: Definition, id: string, place: Place): string | undefined {
  const inside = waysOf(find(definition, id)!).find((way) => way.steps.length > 0);
  return inside ? inside.steps[0]!.id : after(definition, place);
}

function after(definition: Definition, place: Place): string | undefined {
  const next = listAt(definition, place)[place.index + 1];
  if (next) return next.id;
  const outer = place.owner === null ? undefined : placeOf(definition, place.owner);
  return outer && after(definition, outer);
}

/** The first step of the nearest branch to the left or right that has one. */
function beside(definition: Definition, place: Place, by: -1 | 1): string | undefined {
  if (place.owner === null) return undefined;
  const ways = waysOf(find(definition, place.owner)!);
  for (let at = ways.findIndex((way) => way.side === place.side) + by; at >= 0 && at < ways.length; at += by) {
    const steps = ways[at]!.steps;
    if (steps.length > 0) return steps[Math.min(place.index, steps.length - 1)]!.id;
  }
  return undefined;
}
