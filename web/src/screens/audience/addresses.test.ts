import { expect, test } from "vitest";

import { addresses } from "./addresses";

test("addresses are taken however they are pasted, each once", () => {
  expect(addresses("a@example.com, b@example.com;\nAnn <c@example.com>\n\n A@example.com ")).toEqual(["A@example.com", "b@example.com", "c@example.com"]);
  expect(addresses(" \n ,")).toEqual([]);
});
