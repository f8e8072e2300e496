import { expect, test } from "vitest";

import type { FlowRow } from "../flow";
import { freeSlug, shown, slugOf } from "./rows";

const NOTHING = { opened: null, clicked: null, converted: null, unsubscribed: null, complained: null, bounced: null };

function row(slug: string, more: Partial<FlowRow> = {}): FlowRow {
  return {
    id: 1, slug, name: slug, status: "live", version: 1, waiting: 0, in_review: 0, completed: 0, exited: 0, updated_at: "2026-01-01T00:00:00Z", has_draft: false,
    trigger: "someone does: Placed Order", entered: 0, sent: 0, delivered: 0, opened: 0, clicked: 0, converted: 0, revenue: 0, unsubscribed: 0, rates: NOTHING, ...more,
  };
}

const slugs = (rows: FlowRow[]) => rows.map((one) => one.slug);
const all = { q: "", status: "", sort: "name" };

test("archived flows are shown when asked for", () => {
  const rows = [row("b"), row("a", { status: "archived" })];
  expect(slugs(shown(rows, all))).toEqual(["b"]);
  expect(slugs(shown(rows, { ...all, status: "archived" }))).toEqual(["a"]);
});

test("a search looks at names and at what starts a flow", () => {
  const rows = [row("welcome", { trigger: "someone joins the list Newsletter" }), row("cart")];
  expect(slugs(shown(rows, { ...all, q: "newsl" }))).toEqual(["welcome"]);
  expect(slugs(shown(rows, { ...all, q: " CART " }))).toEqual(["cart"]);
});

test("flows without a rate come last when the best is wanted first, and equals go by name", () => {
  const rows = [row("none"), row("low", { rates: { ...NOTHING, opened: 0.1 } }), row("high", { rates: { ...NOTHING, opened: 0.5 } }), row("also-none")];
  expect(slugs(shown(rows, { ...all, sort: "-opened" }))).toEqual(["high", "low", "also-none", "none"]);
  expect(slugs(shown(rows, { ...all, sort: "opened" }))).toEqual(["also-none", "none", "low", "high"]);
});

test("an unknown order is by name", () => {
  expect(slugs(shown([row("b"), row("a")], { ...all, sort: "-nonsense" }))).toEqual(["b", "a"]);
});

test("short names are made of names, and none is given twice", () => {
  expect(slugOf("Win back, 2nd try!")).toBe("win-back-2nd-try");
  expect(slugOf("Überraschung")).toBe("uberraschung");
  expect(freeSlug("Cart", ["cart", "cart-2"])).toBe("cart-3");
  expect(freeSlug("!!!", [])).toBe("flow");
});
