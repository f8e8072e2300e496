// What a drawer of a step is given: the step, a way to change it, and what is wrong with it.
import { useMemo } from "react";

import { useBuilder } from "./builder";
import { change, pathOf, without } from "./document";
import { saying } from "./problems";
import type { Step } from "./steps";

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
  const { flow, problems } = useBuilder();
  return useMemo(() => {
    const below = problems.filter(({ field }) => path === "" || field === path || field.startsWith(`${path}.`));
    return below.map((one) => ({ field: path === "" ? one.field : one.field.slice(path.length + 1), detail: saying(flow, one) }));
  }, [flow, problems, path]);
}

export function wrongAt(problems: readonly Wrong[], field: string): string | undefined {
  return problems.find((one) => one.field === field || one.field.startsWith(`${field}.`) || one.field.startsWith(`${field}[`))?.detail;
}
