// The model loses nothing: every example of the documentation is known, and taken apart and put together it is the same.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";

import { describe, expect, it } from "vitest";

import { dateForm } from "./dates";
import { asGroup, childPath, withChildren, withMode } from "./groups";
import type { Context, MetricCondition, Node, PropertyTest, Tree, Windowed } from "./language";
import { listOf, operatorOf, withOperator, withValue } from "./operators";
import { problemsOf, unfinished, within } from "./problems";
import { editable, read, turned, withLeaf } from "./reading";
import { STANDARD_METRICS } from "./standardMetrics";
import { windowKind, withWindow, withWindowKind } from "./windows";

const documented = (file: string): string => readFileSync(resolve(import.meta.dirname, "../../..", file), "utf8");

function examples(): Tree[] {
  const text = documented("docs/segments.md");
  const inTables = [...text.matchAll(/^\| `(\{.*?\})` \|/gm)].map((found) => JSON.parse(found[1]!.replaceAll("\\|", "|")) as Tree);
  const fenced = [...text.matchAll(/```json\n([\s\S]*?)```/g)].map((found) => JSON.parse(found[1]!) as Tree);
  return [...inTables.filter((one) => !("name" in one)), ...fenced];
}

/** The tree put together anew from its parts, as editing every part would. */
function rebuilt(tree: unknown, context: Context): unknown {
  const group = asGroup(tree);
  if (group) return withChildren(tree, group.children.map((child) => rebuilt(child, context)));
  const { kind, node } = read(tree, context);
  const windowed = (one: Windowed) => withWindow(one as never, Object.fromEntries(Object.entries(one).filter(([key]) => key === windowKind(one) || (key === "since" && one.since === "flow-start"))));
  if (kind === "property") {
    const test = node as PropertyTest;
    const operator = operatorOf(test)!;
    return withLeaf(tree, withOperator(withValue(test, test[operator.key]), operator.id), context);
  }
  if (kind === "metric") {
    const { where } = node as MetricCondition;
    return withLeaf(tree, { ...(windowed(node as MetricCondition) as Node), ...(where ? { where: rebuilt(where, "event-filter") } : {}) }, context);
  }
  return withLeaf(tree, windowed(node as Windowed), context);
}

describe("every example of docs/segments.md", () => {
  it("is found", () => expect(examples().length).toBeGreaterThan(45));
  it.each(examples().map((one) => [JSON.stringify(one), one]))("%s", (_, one) => {
    expect(editable(one, "segment")).toBe(true);
    expect(rebuilt(one, "segment")).toEqual(one);
    expect(unfinished(one, "segment")).toEqual([]);
  });
});

describe("what only flows know", () => {
  const inFlows: Tree[] = [
    { coupon: "BROWSE10", state: "valid", left_at_least: { hours: 2 } },
    { not_in_flow: "welcome-series", in_last: { days: 7 } },
    { metric: "Placed Order", count: { equals: 0 }, since: "flow-start" },
  ];
  it.each(inFlows.map((one) => [JSON.stringify(one), one]))("%s", (_, one) => {
    expect(editable(one, "flow")).toBe(true);
    expect(editable(one, "segment")).toBe(false);
    expect(rebuilt(one, "flow")).toEqual(one);
  });
  it("compares with the event that started the flow", () => {
    const test = { property: "order_id", equals: { event: "order_id" } };
    expect(operatorOf(test)?.id).toBe("equals:event");
    expect(editable(test, "event-filter")).toBe(true);
  });
});

describe("what no form knows", () => {
  it.each([{ mood: "sunny" }, { metric: "A", count: { at_least: "2" } }, { property: "a", equals: 1, is_set: true }, { not: { not: { sample: 5 } } }, 7])("%j stays JSON", (one) => {
    expect(read(one, "segment").kind).toBe("json");
  });
});

describe("groups", () => {
  it("keep their form when a member changes", () => {
    expect(withChildren([{ a: 1 }], [])).toEqual([]);
    expect(withChildren({ not: [{ a: 1 }] }, [{ b: 1 }])).toEqual({ not: [{ b: 1 }] });
    expect(withChildren({ a: 1 }, [{ b: 1 }])).toEqual({ b: 1 });
    expect(withChildren({ a: 1 }, [{ a: 1 }, { b: 1 }])).toEqual({ all: [{ a: 1 }, { b: 1 }] });
  });
  it("change how they join", () => {
    expect(withMode([{ a: 1 }], "any")).toEqual({ any: [{ a: 1 }] });
    expect(withMode({ any: [{ a: 1 }] }, "none")).toEqual({ not: { any: [{ a: 1 }] } });
    expect(withMode({ not: { any: [{ a: 1 }] } }, "all")).toEqual({ all: [{ a: 1 }] });
  });
  it("name their members as the API does", () => {
    expect(childPath([1, 2], "", 1)).toBe("[1]");
    expect(childPath({ all: [1] }, "steps", 0)).toBe("steps.all[0]");
    expect(childPath({ not: { any: [1] } }, "", 0)).toBe("not.any[0]");
    expect(childPath({ sample: 1 }, "if", 0)).toBe("if");
  });
});

describe("changing a condition", () => {
  it("takes over what fits", () => {
    expect(withOperator({ property: "country", equals: "US" }, "in:texts")).toEqual({ property: "country", in: ["US"] });
    expect(withOperator({ property: "points", at_least: 5 }, "less_than:number")).toEqual({ property: "points", less_than: 5 });
    expect(withOperator({ property: "tags", length: { at_least: 3 } }, "length:equals")).toEqual({ property: "tags", length: { equals: 3 } });
    expect(withWindowKind({ metric: "A", in_last: { days: 9 } }, "at_least_ago")).toEqual({ metric: "A", at_least_ago: { days: 9 } });
    expect(withWindowKind({ metric: "A", in_last: { days: 9 } }, "always")).toEqual({ metric: "A" });
  });
  it("keeps the types of values that were there", () => {
    expect(listOf(["10", "new"], [10, "old"], false)).toEqual([10, "new"]);
    expect(listOf(["1", "2"], [1], true)).toEqual([1, 2]);
  });
  it("turns into its opposite and back", () => {
    const list = { list: "Newsletter" };
    expect(turned(list, "segment")).toEqual({ not: list });
    expect(turned({ not: list }, "segment")).toEqual(list);
  });
  it("has words of its own for many opposites", () => {
    const both: [Tree, Tree][] = [
      [{ property: "city", matches: "^B" }, { property: "city", not_matches: "^B" }],
      [{ property: "city", is_set: true }, { property: "city", is_set: false }],
      [{ metric: "A", count: { at_least: 1 }, in_last: { days: 1 } }, { metric: "A", count: { equals: 0 }, in_last: { days: 1 } }],
      [{ can_receive: true }, { can_receive: false }],
      [{ suppressed: true }, { suppressed: false }],
    ];
    for (const [one, other] of both) {
      expect(turned(one, "segment")).toEqual(other);
      expect(turned(other, "segment")).toEqual(one);
    }
    expect(turned({ property: "points", at_least: 5 }, "segment")).toEqual({ not: { property: "points", at_least: 5 } });
  });
});

describe("problems", () => {
  it("say what is still to be given, and where", () => {
    expect(unfinished({ all: [{ metric: "" }, { property: "a", equals: "" }] }, "segment").map((one) => one.field)).toEqual(["all[0].metric", "all[1].equals"]);
    expect(unfinished({ metric: "A", where: [{ property: "", equals: "x" }] }, "segment")[0]?.field).toBe("where[0].property");
    expect(unfinished([{ metric: "A", in_last: { days: null } }], "segment")[0]?.field).toBe("[0].in_last.days");
    expect(unfinished({ all: [{ any: [] }] }, "segment")[0]?.field).toBe("all[0]");
    expect(unfinished([], "segment")).toEqual([]);
  });
  it("belong to the row that they are in", () => {
    const told = problemsOf({ field: "all[1].count.at_least", detail: "must be a number" });
    expect(within(told, "all[1]")).toEqual([{ field: "all[1].count.at_least", detail: "Must be a number." }]);
    expect(within(told, "all[10]")).toEqual([]);
  });
  it("stay with lists of eleven", () => expect(within([{ field: "all[10].metric", detail: "x" }], "all[1]")).toEqual([]));
});

describe("dates", () => {
  it.each([[{ anniversary: { in_next: { days: 7 } } }, "anniversary_in_next"], [{ month: "this" }, "this_month"], [{ month: 5 }, "month"], [{ soon: 1 }, null]])("%j", (date, form) => {
    expect(dateForm(date)).toBe(form);
  });
});

it("the standard metrics are those of the server", () => {
  const server = [...documented("src/headwater/events/standard.py").matchAll(/^[A-Z_]+ = "(.+)"$/gm)].map((found) => found[1]!);
  expect([...STANDARD_METRICS].toSorted()).toEqual(server.toSorted());
});
