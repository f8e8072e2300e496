import { expect, it } from "vitest";

import { chosenName, offered } from "./offered";

const items = (...names: string[]) => names.map((name) => ({ value: name, label: name }));

it("offers each name once, though a vocabulary knows it twice", () => {
  const twice = [{ name: "city", group: "Yours" }, { name: "email", group: "Built in" }, { name: "city", group: "Built in" }];

  expect(offered(twice, "city", "")).toEqual([{ group: "Yours", items: items("city") }, { group: "Built in", items: items("email") }]);
});

it("keeps a chosen and a typed name beside names without groups", () => {
  const found = offered([{ name: "a" }, { name: "b" }], "gone", "new");

  expect(found).toEqual([...items("gone", "a", "b"), { value: "use:new", label: "Use “new”" }]);
});

it("gives each group one place, however its names are mixed", () => {
  const mixed = [{ name: "a", group: "One" }, { name: "b", group: "Two" }, { name: "c", group: "One" }];

  expect(offered(mixed, "", "").map((one) => "group" in one && one.group)).toEqual(["One", "Two"]);
});

it("offers nothing new where the name is known, chosen, or may not be new", () => {
  expect(offered([{ name: "a" }], "b", "a")).toEqual(items("b", "a"));
  expect(offered([{ name: "a" }], "b", "b")).toEqual(items("b", "a"));
  expect(offered([{ name: "a" }], "", "")).toEqual(items("a"));
});

it("takes a typed name as it is written, and a known one that looks like it as known", () => {
  expect(chosenName([], "use:Placed Order")).toBe("Placed Order");
  expect(chosenName([{ name: "use:me" }], "use:me")).toBe("use:me");
  expect(chosenName([], "Placed Order")).toBe("Placed Order");
});
