// What a piece of JSON is, asked before it is shown as a form: whatever is not quite as expected is shown as JSON instead.
import { COMPARISONS, type Compared, type Node, type Scalar, type Span, UNITS, WINDOWS } from "./language";

export function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export const isText = (value: unknown): value is string => typeof value === "string";
export const isAmount = (value: unknown): value is number | null => value === null || typeof value === "number";
export const isFlag = (value: unknown): value is boolean => typeof value === "boolean";
export const isScalar = (value: unknown): value is Scalar => isText(value) || typeof value === "number" || isFlag(value);

export function hasOnly(node: Node, keys: readonly string[]): boolean {
  return Object.keys(node).every((key) => keys.includes(key));
}

export function isOneOf<Word extends string>(value: unknown, words: readonly Word[]): value is Word {
  return isText(value) && (words as readonly string[]).includes(value);
}

export function isSpan(value: unknown): value is Span {
  return isNode(value) && Object.keys(value).length > 0 && hasOnly(value, UNITS) && Object.values(value).every(isAmount);
}

export function isCompared(value: unknown): value is Compared {
  return isNode(value) && Object.keys(value).length === 1 && hasOnly(value, COMPARISONS) && Object.values(value).every(isAmount);
}

export function isPair<Item>(value: unknown, holds: (item: unknown) => item is Item): value is [Item, Item] {
  return Array.isArray(value) && value.length === 2 && value.every(holds);
}

/** At most one window, of a shape that is known. */
export function isWindowed(node: Node): boolean {
  const named = WINDOWS.filter((name) => name in node);
  if (named.length > 1) return false;
  const holds: Record<string, (value: unknown) => boolean> = {
    in_last: isSpan,
    at_least_ago: isSpan,
    between_ago: (value) => isPair(value, isSpan),
    since: isText,
    before: isText,
    between: (value) => isPair(value, isText),
  };
  return named.every((name) => holds[name]!(node[name]));
}
