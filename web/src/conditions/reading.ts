// Which kind of condition a piece of JSON is. What no form knows is "json": it is kept as it is.
import {
  CONSENT_STATES, type CanReceiveCondition, type ConsentCondition, type Context, COUPON_STATES, type CouponCondition, type InFlowCondition,
  type ListCondition, type MetricCondition, type NearCondition, type Node, type PropertyTest, type RegionCondition, REGIONS, type SampleCondition,
  type SegmentCondition, type SequenceCondition, type SuppressedCondition, SUPPRESSION_REASONS, WINDOWS,
} from "./language";
import { dateForm } from "./dates";
import { asGroup } from "./groups";
import { operatorOf, opposed } from "./operators";
import { hasOnly, isAmount, isCompared, isFlag, isNode, isOneOf, isSpan, isText, isWindowed } from "./shapes";

/** A condition that is no group. */
export type Leaf =
  | { kind: "metric"; node: MetricCondition }
  | { kind: "sequence"; node: SequenceCondition }
  | { kind: "property"; node: PropertyTest }
  | { kind: "date"; node: PropertyTest }
  | { kind: "list"; node: ListCondition }
  | { kind: "segment"; node: SegmentCondition }
  | { kind: "consent"; node: ConsentCondition }
  | { kind: "suppressed"; node: SuppressedCondition }
  | { kind: "can_receive"; node: CanReceiveCondition }
  | { kind: "region"; node: RegionCondition }
  | { kind: "near"; node: NearCondition }
  | { kind: "coupon"; node: CouponCondition }
  | { kind: "in_flow"; node: InFlowCondition }
  | { kind: "sample"; node: SampleCondition }
  | { kind: "json"; node: unknown };
export type Kind = Leaf["kind"];

/** A leaf as it stands in a tree; `negated`: under a "not". */
export type Reading = Leaf & { negated: boolean };

export function read(tree: unknown, context: Context): Reading {
  if (isNode(tree) && Object.keys(tree).length === 1 && isNode(tree.not)) {
    const inner = leaf(tree.not, context);
    if (inner.kind !== "json") return { ...inner, negated: true };
  }
  return { ...leaf(tree, context), negated: false };
}

function leaf(tree: unknown, context: Context): Leaf {
  const found = isNode(tree) ? KINDS.find(([key]) => key in tree) : undefined;
  if (!isNode(tree) || !found) return { kind: "json", node: tree };
  const [, kind, fits] = found;
  const date = kind === "property" && "date" in tree;
  if (context === "event-filter") return kind === "property" && operatorOf(tree) && !date ? ({ kind, node: tree } as Leaf) : { kind: "json", node: tree };
  if (context === "segment" && (kind === "coupon" || kind === "in_flow" || tree.since === "flow-start")) return { kind: "json", node: tree };
  if (!fits(tree)) return { kind: "json", node: tree };
  return { kind: date ? "date" : kind, node: tree } as Leaf;
}

const windowed = (keys: string[], fits: (node: Node) => boolean) => (node: Node) => hasOnly(node, [...keys, ...WINDOWS]) && isWindowed(node) && fits(node);
const isReference = (value: unknown) => isText(value) || typeof value === "number";

/** By the key that tells the kind, in the order in which the language looks for them. */
const KINDS: [string, Kind, (node: Node) => boolean][] = [
  ["metric", "metric", windowed(["metric", "count", "sum", "where"], isMetric)],
  ["sequence", "sequence", windowed(["sequence"], (node) => Array.isArray(node.sequence) && node.sequence.length > 0 && node.sequence.every(isStep))],
  ["property", "property", isProperty],
  ["list", "list", windowed(["list"], (node) => isReference(node.list))],
  ["segment", "segment", windowed(["segment"], (node) => isReference(node.segment))],
  ["consent", "consent", windowed(["consent", "method"], (node) => isOneOf(node.consent, CONSENT_STATES) && isMethods(node.method))],
  ["suppressed", "suppressed", windowed(["suppressed"], (node) => isFlag(node.suppressed) || isOneOf(node.suppressed, SUPPRESSION_REASONS))],
  ["can_receive", "can_receive", (node) => hasOnly(node, ["can_receive"]) && isFlag(node.can_receive)],
  ["region", "region", (node) => hasOnly(node, ["region"]) && isOneOf(node.region, REGIONS)],
  ["near", "near", (node) => hasOnly(node, ["near"]) && isPlace(node.near)],
  ["coupon", "coupon", windowed(["coupon", "state", "left_at_least"], isCoupon)],
  ["in_flow", "in_flow", windowed(["in_flow"], (node) => isText(node.in_flow))],
  ["not_in_flow", "in_flow", windowed(["not_in_flow"], (node) => isText(node.not_in_flow))],
  ["sample", "sample", (node) => hasOnly(node, ["sample", "salt"]) && isAmount(node.sample) && (node.salt == null || isText(node.salt))],
];

function isMetric(node: Node): boolean {
  if (!isText(node.metric) || ("count" in node && "sum" in node)) return false;
  const compared = node.count ?? node.sum;
  return (compared === undefined || isCompared(compared)) && isWhere(node.where);
}

function isWhere(value: unknown): boolean {
  return value == null || isNode(value) || Array.isArray(value);
}

function isStep(value: unknown): boolean {
  return (
    isNode(value) && hasOnly(value, ["metric", "did", "within", "order", "where"]) && isText(value.metric) && isWhere(value.where) &&
    (value.did === undefined || isFlag(value.did)) &&
    (value.within === undefined || isSpan(value.within)) &&
    (value.order === undefined || isOneOf(value.order, ["after", "before"]))
  );
}

function isProperty(node: Node): boolean {
  if ("date" in node) return hasOnly(node, ["property", "date"]) && isText(node.property) && dateForm(node.date) !== null;
  return operatorOf(node) !== null;
}

function isMethods(value: unknown): boolean {
  return value === undefined || isText(value) || (Array.isArray(value) && value.every(isText));
}

function isPlace(value: unknown): boolean {
  return isNode(value) && hasOnly(value, ["latitude", "longitude", "km", "miles"]) && "km" in value !== "miles" in value && Object.values(value).every(isAmount);
}

function isCoupon(node: Node): boolean {
  const state = node.state ?? "assigned";
  return isText(node.coupon) && isOneOf(state, COUPON_STATES) && (node.left_at_least === undefined || isSpan(node.left_at_least));
}

/** The opposite: in words of its own where the language has them, else under a "not", or without one. */
export function turned(tree: unknown, context: Context): unknown {
  const { negated, kind, node } = read(tree, context);
  if (negated) return node;
  return opposite(kind, node as Node) ?? { not: node };
}

function opposite(kind: Kind, node: Node): Node | null {
  if (kind === "property") return opposed(node as PropertyTest);
  if (kind === "can_receive") return { can_receive: !node.can_receive };
  if (kind === "suppressed" && isFlag(node.suppressed)) return { ...node, suppressed: !node.suppressed };
  if (kind !== "metric" || node.sum !== undefined) return null;
  const { count = { at_least: 1 } } = node as unknown as MetricCondition;
  if (count.at_least === 1) return { ...node, count: { equals: 0 } };
  return count.equals === 0 ? { ...node, count: { at_least: 1 } } : null;
}

/** The tree with another leaf in its place, under its "not" if it has one. */
export function withLeaf(tree: unknown, node: unknown, context: Context): unknown {
  return read(tree, context).negated ? { not: node } : node;
}

/** Whether it is shown as a form through and through; for tests, and for those who wonder. */
export function editable(tree: unknown, context: Context): boolean {
  const group = asGroup(tree);
  return group ? group.children.every((child) => editable(child, context)) : read(tree, context).kind !== "json";
}
