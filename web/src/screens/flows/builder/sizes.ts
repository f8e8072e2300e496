// How high each card is, so that the drawing is known before the browser has measured anything.
import { numbersOf, type Numbers, type Problem } from "./builder";
import { headChips } from "./head";
import type { Sizes } from "./layout";
import { toldOn, toldOnTrigger } from "./problems";
import { type Definition, is, type Step } from "./steps";
import { stepWords, triggerWords, type Words } from "./words";

const PADDING = 24;
const LABEL = 18;
const TITLE = 20;
const LINE = 18;
export const ROW = 26;
export const STRIP = 46;
export const FOOT = 28;

export function sizesFor(flow: Definition, numbers: Numbers | null, problems: readonly Problem[]): Sizes {
  const chips = headChips(flow).length;
  return {
    trigger: head(triggerWords(flow.trigger)) + (chips > 0 ? chips * ROW + 6 : 0) + (numbers ? FOOT : 0) + (toldOnTrigger(flow, problems).length > 0 ? FOOT : 0),
    step: (step) => stepHeight(step, numbers, toldOn(flow, problems, step).length > 0),
  };
}

function head({ title, line }: Words): number {
  return PADDING + LABEL + (typeof title === "string" ? TITLE : 2 * TITLE) + (line ? LINE : 0);
}

function stepHeight(step: Step, numbers: Numbers | null, wrong: boolean): number {
  const rows = is(step, "ab_test") ? step.ab_test.length * ROW + 8 : 0;
  return head(withLine(step)) + rows + below(step, numbers) + (wrong ? FOOT : 0);
}

/** An email's second line is its subject. */
export function withLine(step: Step): Words {
  const words = stepWords(step);
  return is(step, "email") ? { ...words, line: " " } : words;
}

function below(step: Step, numbers: Numbers | null): number {
  const mine = numbersOf(numbers, step.id);
  if (!mine) return 0;
  return is(step, "email") ? STRIP + (skips(mine) > 0 ? FOOT : 0) : FOOT;
}

/** Emails that did not go, and people whom a draft passed on. */
export function skips(mine: { email: { skipped: Record<string, number> } | null }): number {
  return Object.values(mine.email?.skipped ?? {}).reduce((sum, one) => sum + one, 0);
}

