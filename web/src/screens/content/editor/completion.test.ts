// Where in Liquid the cursor stands decides what is offered.
import { expect, test } from "vitest";

import { placeOf } from "./completion";

test.each([
  ["Hello {{ fir", { kind: "name", typed: "fir" }],
  ["{{ person.ci", { kind: "name", typed: "person.ci" }],
  ["{{ first_name | def", { kind: "filter", typed: "def" }],
  ["{% fo", { kind: "tag", typed: "fo" }],
  ["{% if event.to", { kind: "name", typed: "event.to" }],
  ["Hello {{ first_name }} and", null],
  ["<p>plain", null],
  ['{{ first_name | default: "the', null],
])("%s", (before, wanted) => {
  expect(placeOf(before)).toEqual(wanted);
});
