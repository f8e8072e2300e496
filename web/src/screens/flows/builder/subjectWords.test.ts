import { expect, it } from "vitest";

import { subjectWords } from "./subjectWords";

it.each([
  ["Before you decide", "Before you decide"],
  ["Hello {{ first_name | default: 'you' }}", "Hello ‹first name›"],
  ["{% if first_name %}{{ first_name | truncate: 20 }}, thank you{% else %}Thank you{% endif %}!", "‹first name›, thank you!"],
  ["Again{% if first_name %}, {{ first_name }}{% endif %}", "Again, ‹first name›"],
  ["{% if a %}{% if b %}One{% else %}Two{% endif %}{% else %}Three{% endif %}", "One"],
  ["{%- assign item = event.items[0] -%}{{ event.items[0].title }} waits", "‹title› waits"],
  ["{% if never ends", "{% if never ends"],
])("%s", (subject, said) => {
  expect(subjectWords(subject)).toBe(said);
});
