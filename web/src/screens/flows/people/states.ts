// The states in which people are in a flow, as the list of them can be narrowed to.
export const STATES = {
  waiting: "On their way",
  held: "Held for review",
  completed: "Went through",
  exited: "Left early",
} as const;

export type State = keyof typeof STATES;

export const isState = (given: string): given is State => given in STATES;
