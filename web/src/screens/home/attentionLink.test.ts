import { expect, test } from "vitest";

import { attentionLink } from "./attentionLink";

test("calls that fail lead to their flow, an import to its page", () => {
  expect(attentionLink("webhooks", "abandoned-cart")).toBe("/flows/abandoned-cart");
  expect(attentionLink("import", "12")).toBe("/imports/12");
});
