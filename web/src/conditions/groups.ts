// Groups of conditions: what joins them, and the same JSON with other members or another way of joining. A list stands for "all".
import { isNode } from "./shapes";

export const MODES = ["all", "any", "none", "not_all"] as const;
/** none: not any of them; not_all: not every one of them. */
export type Mode = (typeof MODES)[number];

export interface Group {
  mode: Mode;
  children: unknown[];
  /** Where the members stand, from the group on: "all", "not.any", "" for a list. */
  inner: string;
}

/** The tree as a group; null: it is a condition by itself. */
export function asGroup(tree: unknown): Group | null {
  if (Array.isArray(tree)) return { mode: "all", children: tree, inner: "" };
  if (!isNode(tree) || Object.keys(tree).length !== 1) return null;
  if (Array.isArray(tree.all)) return { mode: "all", children: tree.all, inner: "all" };
  if (Array.isArray(tree.any)) return { mode: "any", children: tree.any, inner: "any" };
  if (!("not" in tree)) return null;
  const of = asGroup(tree.not);
  if (of?.mode === "all") return { mode: "not_all", children: of.children, inner: join("not", of.inner) };
  if (of?.mode === "any") return { mode: "none", children: of.children, inner: join("not", of.inner) };
  return null;
}

/** As a group even if it is one condition by itself: the outermost level of an editor. */
export function asOutermost(tree: unknown): Group & { bare: boolean } {
  const group = asGroup(tree);
  return group ? { ...group, bare: false } : { mode: "all", children: [tree], inner: "", bare: true };
}

/** The same group with other members; what stood alone stays so while it is alone. */
export function withChildren(tree: unknown, children: unknown[]): unknown {
  const group = asOutermost(tree);
  if (group.bare) return children.length === 1 ? children[0] : { all: children };
  if (Array.isArray(tree)) return children;
  if (group.mode === "not_all" && group.inner === "not") return { not: children };
  return joined(group.mode, children);
}

/** The same members joined in another way. */
export function withMode(tree: unknown, mode: Mode): unknown {
  const group = asOutermost(tree);
  return group.mode === mode ? tree : joined(mode, group.children);
}

function joined(mode: Mode, children: unknown[]): unknown {
  if (mode === "none") return { not: { any: children } };
  if (mode === "not_all") return { not: { all: children } };
  return { [mode]: children };
}

/** The path of a member, as the API names it: all[1], not.any[0]. */
export function childPath(tree: unknown, path: string, index: number): string {
  const group = asOutermost(tree);
  return group.bare ? path : `${join(path, group.inner)}[${index}]`;
}

export function join(path: string, key: string): string {
  return path && key ? `${path}.${key}` : path || key;
}
