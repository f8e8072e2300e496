// Who may give which role.
import { expect, test } from "vitest";

import { givenBy, mayChange } from "./roles";

test("nobody gives a role above their own", () => {
  expect(givenBy("admin").map((role) => role.value)).toEqual(["analyst", "marketer", "admin"]);
  expect(givenBy("owner")).toHaveLength(4);
});

test("an admin changes everyone but owners; a marketer changes nobody", () => {
  expect(mayChange("admin", "admin")).toBe(true);
  expect(mayChange("admin", "owner")).toBe(false);
  expect(mayChange("owner", "owner")).toBe(true);
  expect(mayChange("marketer", "analyst")).toBe(false);
});
