// What the parts of the builder share: the flow as it stands, what is selected, and what can be done.
import { createContext, useContext } from "react";

import type { components } from "@/api/schema";

import type { Place } from "./document";
import type { Definition, Kind, Step } from "./steps";

export type FlowDetail = components["schemas"]["FlowDetail"];
export type Numbers = components["schemas"]["FlowNumbersOut"];
export type StepNumbers = components["schemas"]["StepNumbersOut"];
export type EmailNumbers = components["schemas"]["EmailNumbers"];

/** What the server says keeps the flow from being published. */
export interface Problem {
  field: string;
  /** "": in the head of the flow. */
  step: string;
  detail: string;
}

/** Parts of a flow's head that have a drawer. "" is the trigger. */
export const HEAD = { trigger: "", entry: "·entry", filters: "·filters", exits: "·exits", settings: "·settings" } as const;

export function isHead(selected: string): boolean {
  return selected === "" || selected.startsWith("·");
}

export interface Builder {
  flow: Definition;
  /** Whether the person may change it, here. */
  editable: boolean;
  /** A step's id, a part of the head, or null. */
  selected: string | null;
  select: (id: string | null) => void;
  /** A new state of the flow. `about`: what is being typed in, so that it is undone as one. */
  edit: (to: Definition, about?: string) => void;
  /** Ids that are not to be given again: of steps that are gone, but people or numbers may still refer to. */
  known: () => Set<string>;
  add: (place: Place, kind: Kind) => void;
  askToRemove: (step: Step) => void;
  /** Everything that keeps it from being published, as last saved. */
  problems: readonly Problem[];
  /** Selects what a problem is about, and goes to the field. */
  show: (problem: Problem) => void;
  /** null: not shown. */
  numbers: Numbers | null;
  /** The "+" whose menu is open: a line's id. */
  adding: string | null;
  setAdding: (line: string | null) => void;
}

export const BuilderContext = createContext<Builder | null>(null);

export function useBuilder(): Builder {
  const found = useContext(BuilderContext);
  if (!found) throw new Error("Only inside the flow builder.");
  return found;
}

export function numbersOf(numbers: Numbers | null, id: string): StepNumbers | undefined {
  return numbers?.steps.find((one) => one.step === id);
}
