// What is wrong with a definition, by the path of the node: said by the API, or plain to see while it is still unfinished.
import { asGroup, childPath, join } from "./groups";
import type { Context, Node } from "./language";
import { operatorOf } from "./operators";
import { read } from "./reading";
import { isNode } from "./shapes";

export interface Problem {
  /** all[1].count.at_least; "" for the whole. */
  field: string;
  detail: string;
}

/** Those of the node at this path, and of what stands in it. */
export function within(problems: readonly Problem[], path: string): Problem[] {
  return problems.filter(({ field }) => field === path || path === "" || field.startsWith(`${path}.`) || field.startsWith(`${path}[`));
}

/** What the API refused, about a tree that stands at `path` of what was sent. */
export function problemsOf(error: unknown): Problem[] {
  if (!isNode(error) || typeof error.detail !== "string") return [];
  const field = typeof error.field === "string" ? error.field : "";
  return [{ field: field.replace(/^(body\.)?definition\.?/, ""), detail: sentence(error.detail) }];
}

function sentence(detail: string): string {
  const said = detail.charAt(0).toUpperCase() + detail.slice(1);
  return /[.!?”]$/.test(said) ? said : `${said}.`;
}

/** What is still to be filled in before the API can be asked. */
export function unfinished(tree: unknown, context: Context, path = ""): Problem[] {
  const group = asGroup(tree);
  if (group) {
    if (group.children.length === 0 && (path !== "" || group.mode !== "all")) return [{ field: path, detail: "This group is empty: add a condition, or remove it." }];
    return group.children.flatMap((child, index) => unfinished(child, context, childPath(tree, path, index)));
  }
  const { kind, node, negated } = read(tree, context);
  return kind === "json" ? [] : missing(kind, node as Node, join(path, negated ? "not" : ""));
}

function missing(kind: string, node: Node, path: string): Problem[] {
  const say = (key: string, detail: string): Problem => ({ field: join(path, key), detail });
  if (kind === "metric" && !node.metric) return [say("metric", "Choose an event.")];
  if (kind === "list" && !node.list) return [say("list", "Choose a list.")];
  if (kind === "segment" && !node.segment) return [say("segment", "Choose a segment.")];
  if (kind === "coupon" && !node.coupon) return [say("coupon", "Choose a coupon.")];
  if (kind === "in_flow" && !(node.in_flow ?? node.not_in_flow)) return [say("in_flow" in node ? "in_flow" : "not_in_flow", "Choose a flow.")];
  if ((kind === "property" || kind === "date") && !node.property) return [say("property", "Choose a property.")];
  if (kind === "property") {
    const operator = operatorOf(node);
    const value = operator && node[operator.key];
    if (value === "" || (Array.isArray(value) && value.length === 0)) return [say(operator!.key, "Give a value.")];
  }
  const steps = kind === "sequence" ? (node.sequence as Node[]) : [];
  const open = steps.findIndex((step) => !step.metric);
  if (open >= 0) return [say(`sequence[${open}].metric`, "Choose an event.")];
  const found = [...blanks(node, path)];
  if (kind === "metric" && node.where) found.push(...unfinished(node.where, "event-filter", join(path, "where")));
  steps.forEach((step, index) => step.where && found.push(...unfinished(step.where, "event-filter", `${join(path, "sequence")}[${index}].where`)));
  return found;
}

/** Numbers and days that are not given yet. */
function* blanks(value: unknown, path: string): Generator<Problem> {
  if (value === null && !path.endsWith("where") && !path.endsWith("salt")) yield { field: path, detail: "Give a number." };
  if (value === "" && /(since|before|between\[\d\])$/.test(path)) yield { field: path, detail: "Choose a day." };
  if (Array.isArray(value)) for (const [index, one] of value.entries()) yield* blanks(one, `${path}[${index}]`);
  else if (isNode(value)) for (const [key, one] of Object.entries(value)) if (key !== "where") yield* blanks(one, join(path, key));
}
