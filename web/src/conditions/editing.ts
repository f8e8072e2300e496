// What every part of one editor shares: what the conditions are about, and what is wrong with them.
import { createContext, useContext } from "react";

import type { Context } from "./language";
import { type Problem, within } from "./problems";

export interface Editing {
  context: Context;
  /** Of an event filter: of which metric; "" where it is of any. */
  metric: string;
  /** Of an event filter: whether it stands where the event that started a flow is known. */
  inFlow: boolean;
  /** The metric whose event started the flow, where that is known. */
  startedBy?: string;
  problems: readonly Problem[];
  readOnly: boolean;
}

export const EditingContext = createContext<Editing>({ context: "segment", metric: "", inFlow: false, problems: [], readOnly: false });

export const useEditing = (): Editing => useContext(EditingContext);

/** Whether the row has been told what is missing: until then nothing in it is red. */
export const ToldContext = createContext(false);
export const useTold = (): boolean => useContext(ToldContext);

/** Whether something is wrong at this path, or below it. */
export function useWrong(path: string): string | undefined {
  return within(useEditing().problems, path)[0]?.detail;
}
