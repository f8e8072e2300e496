import { expect, test } from "vitest";

import { asked, fromTheStart, span } from "./filters";

test("an empty address asks for the newest people", () => {
  expect(asked({})).toMatchObject({ sort: "created", order: "desc", limit: 50 });
  expect(asked({}).consent).toBeUndefined();
});

test("what the API does not know is not asked", () => {
  const found = asked({ sort: "shoe", consent: "maybe", list: "x", since: "someday", suppressed: "?" });
  expect(found).toEqual(asked({}));
});

test("filters and sorts are asked as they stand", () => {
  expect(asked({ q: "ada", consent: "subscribed", list: "3", suppressed: "no", since: "2026-03-01", sort: "email", cursor: "abc" })).toEqual({
    q: "ada", consent: "subscribed", list_id: 3, segment_id: undefined, country: undefined, suppressed: false,
    created_since: "2026-03-01T00:00:00.000Z", sort: "email", order: "asc", cursor: "abc", limit: 50,
  });
});

test("a new search leaves the page", () => {
  expect(fromTheStart({ q: "x" })).toEqual({ q: "x", cursor: undefined, page: undefined });
  expect(span(3, 12)).toEqual([101, 112]);
});
