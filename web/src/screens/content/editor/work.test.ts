// Lengths are those that a reader sees.
import { expect, test } from "vitest";

import { length } from "./work";

test("Liquid counts as a short word, its tags as nothing, an emoji as one", () => {
  expect(length("Hi {{ first_name | default: 'there' }}", 60).shown).toBe(9);
  expect(length("{% if a %}Yes{% endif %}", 60).shown).toBe(3);
  expect(length("🎉", 60).shown).toBe(1);
  expect(length("x".repeat(61), 60).long).toBe(true);
});
