// New steps as they begin: usable at once where there is a usual choice, empty where only a person can choose.
import { freshId } from "./ids";
import type { Email, Kind, Step, StepOf } from "./steps";

const SINCE_START = { metric: "Placed Order", count: { at_least: 1 }, since: "flow-start" };

const EMPTY: { [K in Kind]: Omit<StepOf[K], "id"> } = {
  email: { email: "" },
  delay: { delay: { days: 1 } },
  wait_for: { wait_for: [{ metric: "Placed Order", then: [] }], within: { days: 3 }, else: [] },
  if: { if: SINCE_START, then: [], else: [] },
  if_event: { if_event: [], then: [], else: [] },
  split: { split: [{ if: SINCE_START, name: "Ordered", then: [] }], else: [] },
  random: { random: [{ share: 50, name: "A", then: [] }, { share: 50, name: "B", then: [] }] },
  ab_test: { ab_test: [], winner: { by: "clicks" } },
  update_profile: { update_profile: { set: {} } },
  add_to_list: { add_to_list: "" },
  remove_from_list: { remove_from_list: "" },
  coupon: { coupon: "" },
  webhook: { webhook: { url: "" } },
  notify: { notify: { to: [], subject: "" } },
  back_in_stock: { back_in_stock: {} },
  goal: { goal: SINCE_START },
  exit: { exit: {} },
};

/** A step of this kind with an id that is not known yet. Emails begin as drafts: nothing goes out by oversight. */
export function freshStep(kind: Kind, known: Set<string>): Step {
  const step = { id: freshId(kind, known), ...EMPTY[kind] } as Step;
  if (kind === "email") return { ...step, status: "draft" } as Step;
  return kind === "ab_test" ? ({ ...step, ab_test: [freshVariation(known, 50), freshVariation(known, 50)] } as Step) : step;
}

/** An email of a test; `like`: it begins as another one is. */
export function freshVariation(known: Set<string>, share: number, like?: Email): StepOf["ab_test"]["ab_test"][number] {
  return { ...like, id: freshId("email", known), email: like?.email ?? "", share };
}

/** Equal shares of 100, in whole percent; what is left over goes to the first. */
export function evenShares(count: number): number[] {
  const each = Math.floor(100 / count);
  return Array.from({ length: count }, (_, index) => (index === 0 ? 100 - each * (count - 1) : each));
}
