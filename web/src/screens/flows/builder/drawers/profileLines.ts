// The changes of a profile update as lines of a form, and back. Pure.
import type { Json, UpdateProfile } from "../steps";

type Update = UpdateProfile["update_profile"];
export type Act = "set" | "unset" | "add_to" | "remove_from";

export interface Line {
  act: Act;
  name: string;
  value: Json;
}

export function asLines(update: Update): Line[] {
  const valued = (act: "set" | "add_to" | "remove_from") => Object.entries(update[act] ?? {}).map(([name, value]): Line => ({ act, name, value }));
  return [...valued("set"), ...(update.unset ?? []).map((name): Line => ({ act: "unset", name, value: null })), ...valued("add_to"), ...valued("remove_from")];
}

export function asUpdate(lines: Line[]): Update {
  const valued = (act: Act) => {
    const mine = lines.filter((line) => line.act === act);
    return mine.length > 0 ? { [act]: Object.fromEntries(mine.map(({ name, value }) => [name, value])) } : {};
  };
  const unset = lines.filter((line) => line.act === "unset").map((line) => line.name);
  return { ...valued("set"), ...(unset.length > 0 ? { unset } : {}), ...valued("add_to"), ...valued("remove_from") };
}

/** Whether two updates do the same, whatever the order of their names. */
export function same(one: Update, other: Update): boolean {
  const sorted = (update: Update) => JSON.stringify(asLines(update).map(({ act, name, value }) => JSON.stringify([act, name, value])).toSorted());
  return sorted(one) === sorted(other);
}
