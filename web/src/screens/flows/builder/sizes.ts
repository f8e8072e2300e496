// How high each card is, so that the drawing is known before the browser has measured anything.
import { emailsOf } from "./branches";
import { numbersOf, type Numbers, type Problem } from "./builder";
import type { Sizes } from "./layout";
import { is, type Step } from "./steps";
import { stepWords, type Words } from "./words";

const PADDING = 24;
const LABEL = 18;
const TITLE = 20;
const LINE = 18;
export const ROW = 26;
export const STRIP = 46;
export const FOOT = 28;

export function sizesFor(numbers: Numbers | null, problem: Problem | null, trigger: Words, chips: number): Sizes {
  return {
    trigger: head(trigger) + (chips > 0 ? chips * ROW + 6 : 0) + (numbers ? FOOT : 0) + (problem && !problem.step ? FOOT : 0),
    step: (step) => stepHeight(step, numbers, problem),
  };
}

function head({ title, line }: Words): number {
  return PADDING + LABEL + (typeof title === "string" ? TITLE : 2 * TITLE) + (line ? LINE : 0);
}

function stepHeight(step: Step, numbers: Numbers | null, problem: Problem | null): number {
  const wrong = problem?.step && (problem.step === step.id || emailsOf(step).some((email) => email.id === problem.step));
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

