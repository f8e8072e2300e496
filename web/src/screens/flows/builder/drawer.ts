// What a drawer of a step is given: the step, a way to change it, and what is wrong with it.
import { useMemo } from "react";

import { type Problem, useBuilder } from "./builder";
import { change, holder, pathOf, without } from "./document";
import { type Definition, type Kind, kindOf, type Step } from "./steps";
import { stepWords } from "./words";

export interface DrawerProps<S extends Step> {
  step: S;
  /** Changes fields; undefined takes one away. `about`: a field that is being typed in, undone as one change. */
  put: (fields: Partial<S>, about?: string) => void;
  /** What is wrong, by path within the step: "delay.until". */
  problems: Wrong[];
  /** What is wrong with this field, or with something in it. */
  wrong: (field: string) => string | undefined;
}

export interface Wrong {
  field: string;
  detail: string;
}

export function useDrawer<S extends Step>(step: S): DrawerProps<S> {
  const { flow, edit } = useBuilder();
  const problems = useProblems(pathOf(flow, step.id));
  return {
    step,
    put: (fields, about) => edit(change(flow, step.id, (one) => without({ ...one, ...fields })), about && `${step.id} ${about}`),
    problems,
    wrong: (field) => wrongAt(problems, field),
  };
}

/** What is wrong below a path of the definition, by the path from there. "": in the head. */
export function useProblems(path: string): Wrong[] {
  const { flow, problem } = useBuilder();
  return useMemo(() => {
    if (!problem || (path !== "" && problem.field !== path && !problem.field.startsWith(`${path}.`))) return [];
    const field = path === "" ? problem.field : problem.field.slice(path.length + 1);
    return [{ field, detail: saying(flow, problem) }];
  }, [flow, problem, path]);
}

export function wrongAt(problems: readonly Wrong[], field: string): string | undefined {
  return problems.find((one) => one.field === field || one.field.startsWith(`${field}.`) || one.field.startsWith(`${field}[`))?.detail;
}

/** What is still to be chosen in a step that has only been put in. */
const FIRST: Partial<Record<Kind, string>> = {
  email: "Choose an email.",
  ab_test: "Choose the emails of the test.",
  add_to_list: "Choose a list.",
  remove_from_list: "Choose a list.",
  coupon: "Choose a coupon.",
  webhook: "Say which address is called.",
  notify: "Give it a recipient and a subject.",
  update_profile: "Say what is changed.",
  if_event: "Choose what is asked of the event.",
};

/** What keeps the flow from being published, for the person who can mend it. */
export function saying(flow: Definition, { step, detail }: Problem): string {
  const found = step ? holder(flow, step) : undefined;
  const kind = found && kindOf(found);
  const first = kind && stepWords(found).open ? FIRST[kind] : undefined;
  return first ?? sentence(detail);
}

/** "needs a name" as "Needs a name." */
export function sentence(detail: string): string {
  const said = detail.charAt(0).toUpperCase() + detail.slice(1);
  return /[.!?”]$/.test(said) ? said : `${said}.`;
}
