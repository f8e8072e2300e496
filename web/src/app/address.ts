// State that lives in the address, so that a link leads back to it: searches, filters, pages, open drawers.
import { useNavigate, useSearch } from "@tanstack/react-router";

export type Address = Record<string, string | undefined>;

/**
 * The state of the page in its address, and a way to change it. `undefined` and "" take a name out of the address.
 *
 *     const [{ q = "", sort = "-created" }, setAddress] = useAddress();
 */
export function useAddress<State extends Address = Address>(): [Partial<State>, (change: Partial<State>, options?: { push?: boolean }) => void] {
  const navigate = useNavigate();
  const state = useSearch({ strict: false }) as Partial<State>;
  const change = (given: Partial<State>, { push = false } = {}) => {
    const next = (before: Address) => Object.fromEntries(Object.entries({ ...before, ...given }).filter(([, value]) => value !== undefined && value !== ""));
    void navigate({ to: ".", search: next as never, replace: !push });
  };
  return [state, change];
}

