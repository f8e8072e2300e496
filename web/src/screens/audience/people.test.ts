import { expect, test } from "vitest";

import { called, initials, methodWords, nameOf } from "./people";

test("people are called by the best that is known of them", () => {
  expect(called({ first_name: "Ada", last_name: null, email: "a@example.com" })).toBe("Ada");
  expect(called({ email: "a@example.com", phone: "+491" })).toBe("a@example.com");
  expect(called({ external_id: "c-1" })).toBe("c-1");
  expect(called({})).toBe("Somebody without a name");
  expect(nameOf({ email: "a@example.com" })).toBeNull();
});

test("initials take whole characters", () => {
  expect(initials({ first_name: "Ada", last_name: "Lovelace King" })).toBe("AK");
  expect(initials({ email: "zoe@example.com" })).toBe("Z");
  expect(initials({ first_name: "😀x" })).toBe("😀");
  expect(initials({})).toBe("?");
});

test("an unknown method is shown as it is", () => {
  expect(methodWords("import")).toBe("Imported from a file");
  expect(methodWords("pos_till")).toBe("pos till");
});
