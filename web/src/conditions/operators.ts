// How a property is compared: each operator with the kind of value it takes. "equals" a text and "equals" a number are two of them.
import { COMPARISONS, type Comparison, type Context, type Node, type PropertyTest, type Scalar } from "./language";
import { hasOnly, isAmount, isCompared, isFlag, isNode, isScalar, isText } from "./shapes";

export type ValueKind = "text" | "number" | "boolean" | "date" | "list";

/** What stands at the right of an operator. */
export type Operand = "text" | "number" | "texts" | "numbers" | "pair" | "pattern" | "amount" | "event" | "date" | "none";

export interface Operator {
  /** "equals:text": the key in the JSON, and what it takes. */
  id: string;
  key: string;
  label: string;
  operand: Operand;
  group: string;
  /** A condition with it whose value is still to be given. */
  blank: unknown;
}

const text = (key: string, label: string): Operator => ({ id: `${key}:text`, key, label, operand: "text", group: "Text", blank: "" });
const number = (key: string, label: string): Operator => ({ id: `${key}:number`, key, label, operand: "number", group: "Number", blank: null });
const several = (key: string, label: string, group = "Text"): Operator => ({ id: `${key}:texts`, key, label, operand: "texts", group, blank: [] });
const flag = (key: string, value: boolean, label: string, group = "Yes or no"): Operator => ({ id: `${key}:${value}`, key, label, operand: "none", group, blank: value });

export const COMPARISON_WORDS: Record<Comparison, string> = {
  at_least: "at least",
  equals: "exactly",
  at_most: "at most",
  greater_than: "more than",
  less_than: "fewer than",
  not_equals: "any number but",
};

export const OPERATORS: Operator[] = [
  text("equals", "is"),
  text("not_equals", "is not"),
  several("in", "is one of"),
  several("not_in", "is none of"),
  text("contains", "contains"),
  text("not_contains", "does not contain"),
  text("starts_with", "starts with"),
  text("not_starts_with", "does not start with"),
  text("ends_with", "ends with"),
  text("not_ends_with", "does not end with"),
  { id: "matches:pattern", key: "matches", label: "matches the pattern", operand: "pattern", group: "Text", blank: "" },
  { id: "not_matches:pattern", key: "not_matches", label: "does not match the pattern", operand: "pattern", group: "Text", blank: "" },
  number("equals", "equals"),
  number("not_equals", "does not equal"),
  number("greater_than", "is more than"),
  number("at_least", "is at least"),
  number("less_than", "is less than"),
  number("at_most", "is at most"),
  { id: "between:pair", key: "between", label: "is between", operand: "pair", group: "Number", blank: [null, null] },
  { id: "in:numbers", key: "in", label: "is one of the numbers", operand: "numbers", group: "Number", blank: [] },
  { id: "not_in:numbers", key: "not_in", label: "is none of the numbers", operand: "numbers", group: "Number", blank: [] },
  flag("equals", true, "is true"),
  flag("equals", false, "is false"),
  flag("not_equals", true, "is not true"),
  flag("not_equals", false, "is not false"),
  several("contains_any", "contains any of", "List"),
  several("not_contains_any", "contains none of", "List"),
  several("contains_all", "contains all of", "List"),
  several("not_contains_all", "does not contain all of", "List"),
  { id: "contains:number", key: "contains", label: "contains the number", operand: "number", group: "List", blank: null },
  { id: "not_contains:number", key: "not_contains", label: "does not contain the number", operand: "number", group: "List", blank: null },
  ...COMPARISONS.map((one): Operator => ({ id: `length:${one}`, key: "length", label: `has ${COMPARISON_WORDS[one]} … items`, operand: "amount", group: "List", blank: { [one]: null } })),
  flag("is_set", true, "is set", "Any value"),
  flag("is_set", false, "is not set", "Any value"),
  { id: "equals:event", key: "equals", label: "is the starting event's", operand: "event", group: "The event that started the flow", blank: { event: "" } },
  { id: "not_equals:event", key: "not_equals", label: "is not the starting event's", operand: "event", group: "The event that started the flow", blank: { event: "" } },
  { id: "date", key: "date", label: "has a date …", operand: "date", group: "Date", blank: { in_last: { days: 30 } } },
];

const BY_ID = new Map(OPERATORS.map((one) => [one.id, one]));
const FIRST: Record<ValueKind, string[]> = {
  text: ["Text", "Any value"],
  number: ["Number", "Any value"],
  boolean: ["Yes or no", "Any value"],
  date: ["Date", "Any value", "Text"],
  list: ["List", "Any value", "Text"],
};

/** What may be chosen, by groups: those that suit the property's kind come first. */
export function operatorGroups(kind: ValueKind, context: Context, inFlow: boolean): { group: string; items: Operator[] }[] {
  const barred = context === "event-filter" ? ["Date"] : [];
  if (context !== "event-filter" || !inFlow) barred.push("The event that started the flow");
  const names = [...new Set([...FIRST[kind], ...OPERATORS.map((one) => one.group)])].filter((name) => !barred.includes(name));
  return names.map((group) => ({ group, items: OPERATORS.filter((one) => one.group === group) }));
}

/** The operator of a test; null: it is none that a form knows. */
export function operatorOf(test: Node): Operator | null {
  const keys = Object.keys(test).filter((key) => key !== "property");
  const key = keys[0];
  if (keys.length !== 1 || key === undefined || !isText(test.property)) return null;
  const suffix = key === "date" ? null : suffixOf(key, test[key]);
  return BY_ID.get(suffix === null ? key : `${key}:${suffix}`) ?? null;
}

function suffixOf(key: string, value: unknown): string {
  if (isFlag(value)) return String(value);
  if (isNode(value)) return key === "length" && isCompared(value) ? Object.keys(value)[0]! : hasOnly(value, ["event"]) && isText(value.event) ? "event" : "?";
  if (Array.isArray(value)) {
    if (key === "between") return value.length === 2 && value.every(isAmount) ? "pair" : "?";
    if (!value.every(isScalar)) return "?";
    return value.length > 0 && value.every((one) => typeof one === "number") ? (key.endsWith("in") ? "numbers" : "texts") : "texts";
  }
  if (key === "matches" || key === "not_matches") return isText(value) ? "pattern" : "?";
  return isText(value) ? "text" : isAmount(value) ? "number" : "?";
}

/** The test with another operator; a value that fits it is taken over. */
export function withOperator(test: PropertyTest, id: string): PropertyTest {
  const next = BY_ID.get(id);
  const now = operatorOf(test);
  if (!next) return test;
  const value = now && test[now.key];
  const kept = now?.operand === next.operand && next.operand !== "none" && next.operand !== "amount" ? value : taken(next, value);
  return { property: test.property, [next.key]: kept };
}

function taken(next: Operator, value: unknown): unknown {
  if (next.operand === "texts") return isText(value) && value ? [value] : Array.isArray(value) && value.every(isScalar) ? value : next.blank;
  if (next.operand === "text" || next.operand === "pattern") return isText(value) ? value : Array.isArray(value) && isText(value[0]) ? value[0] : next.blank;
  if (next.operand === "amount" && isCompared(value)) return { [Object.keys(next.blank as Node)[0]!]: Object.values(value)[0] };
  return next.blank;
}

export function withValue(test: PropertyTest, value: unknown): PropertyTest {
  const now = operatorOf(test);
  return now ? { ...test, [now.key]: value } : test;
}

/** A first test of a property of this kind. */
export function blankTest(property: string, kind: ValueKind): PropertyTest {
  const id = { text: "equals:text", number: "at_least:number", boolean: "equals:true", list: "contains:text", date: "date" }[kind];
  const operator = BY_ID.get(id)!;
  return { property, [operator.key]: operator.blank };
}

/** Values typed as tags, as the values of the list: those that were there keep their types. */
export function listOf(tags: string[], before: Scalar[], numbers: boolean): Scalar[] {
  return tags.map((tag) => before.find((one) => String(one) === tag) ?? (numbers && tag.trim() !== "" && Number.isFinite(Number(tag)) ? Number(tag) : tag));
}

/** The test that holds exactly when this one does not; null: no operator says so. */
export function opposed(test: PropertyTest): PropertyTest | null {
  const key = operatorOf(test)?.key;
  if (key === undefined) return null;
  if (key === "is_set") return { ...test, is_set: !test.is_set };
  const other = key.startsWith("not_") ? key.slice(4) : `not_${key}`;
  return OPERATORS.some((one) => one.key === other) ? { property: test.property, [other]: test[key] } : null;
}
