// What keeps a flow from being published: where each problem stands, and what it says to the person who can mend it. Pure.
import { emailsOf } from "./branches";
import { HEAD, type Problem } from "./builder";
import { holder } from "./document";
import type { Definition, Step } from "./steps";
import { stepWords, triggerWords } from "./words";

/** Of a step, and of the emails of a test. */
export function problemsOf(problems: readonly Problem[], step: Step): Problem[] {
  return problems.filter((one) => one.step && (one.step === step.id || emailsOf(step).some((email) => email.id === one.step)));
}

/** Of the flow's head. */
export function headProblems(problems: readonly Problem[]): Problem[] {
  return problems.filter((one) => !one.step && !ofBrand(one) && !ofSteps(one));
}

/** What a step's card adds to its own words, which may say already what is to be chosen. */
export function toldOn(flow: Definition, problems: readonly Problem[], step: Step): string[] {
  const { title, open } = stepWords(step);
  return sayings(flow, problemsOf(problems, step)).filter((one) => !(open && one === `${String(title)}.`));
}

/** The same of the card of the trigger. */
export function toldOnTrigger(flow: Definition, problems: readonly Problem[]): string[] {
  return sayings(flow, headProblems(problems)).filter((one) => one !== `${String(triggerWords(flow.trigger).title)}.`);
}

/** Of the brand, not of the flow: it is put right in the settings. */
export function ofBrand(problem: Problem): boolean {
  return problem.field.startsWith("brand.");
}

const PARTS: Record<string, string> = { entry: HEAD.entry, priority: HEAD.entry, profile_filters: HEAD.filters, exit_on: HEAD.exits, send_window: HEAD.settings, description: HEAD.settings, coupons: HEAD.settings };

/** What is selected to mend it: a step, or a part of the head. */
export function placeOfProblem(flow: Definition, { step, field }: Problem): string {
  if (field === "steps") return field;
  if (step) return holder(flow, step)?.id ?? HEAD.trigger;
  return PARTS[field.split(/[.[]/)[0]!] ?? HEAD.trigger;
}

/** There are none yet. */
export function ofSteps(problem: Problem): boolean {
  return problem.field === "steps";
}

/** Of the flow, by what is selected to mend them, in the order written. */
export function byPlace(flow: Definition, problems: readonly Problem[]): [string, Problem[]][] {
  const found = new Map<string, Problem[]>();
  for (const one of problems) {
    const place = placeOfProblem(flow, one);
    if (!ofBrand(one)) found.set(place, [...(found.get(place) ?? []), one]);
  }
  return [...found];
}

/** What is still to be chosen where nothing stands yet, by the name of the field. */
const MISSING: Record<string, string> = {
  trigger: "Choose a trigger.",
  steps: "Add the first step.",
  name: "Give it a name.",
  metric: "Choose an event.",
  property: "Choose a property.",
  list: "Choose a list.",
  add_to_list: "Choose a list.",
  remove_from_list: "Choose a list.",
  segment: "Choose a segment.",
  email: "Choose an email.",
  coupon: "Choose a coupon.",
  expiry_of: "Choose a coupon.",
  date: "Choose a date.",
  delay: "Say how long to wait.",
  before: "Say how long before.",
  within: "Say how long to wait.",
  url: "Say which address is called.",
  to: "Say who gets it.",
  subject: "Give it a subject.",
  update_profile: "Say what is changed.",
};

/** What it says to the person who can mend it. */
export function saying(flow: Definition, problem: Problem): string {
  if (problem.field === "brand.from_email") return "The brand has no address yet that its emails come from.";
  const name = /([a-z_]+)(\[\d+\])*$/.exec(problem.field)?.[1] ?? "";
  return (isEmpty(valueAt(flow, problem.field)) && MISSING[name]) || sentence(problem.detail);
}

/** All that they say, each once. */
export function sayings(flow: Definition, problems: readonly Problem[]): string[] {
  return [...new Set(problems.map((one) => saying(flow, one)))];
}

/** "needs a name" as "Needs a name." */
export function sentence(detail: string): string {
  const said = detail.charAt(0).toUpperCase() + detail.slice(1);
  return /[.!?”]$/.test(said) ? said : `${said}.`;
}

function valueAt(flow: Definition, path: string): unknown {
  let here: unknown = flow;
  for (const [part, index] of path.matchAll(/[^.[\]]+|\[(\d+)\]/g)) {
    if (typeof here !== "object" || here === null) return undefined;
    here = (here as Record<string, unknown>)[index ?? part];
  }
  return here;
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === "" || (typeof value === "object" && Object.keys(value).length === 0);
}
