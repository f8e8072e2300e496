// Codes come as people have them: pasted, or as the first column of a file.
import { expect, test } from "vitest";

import { read } from "./codes";

test("a line each, the first column counts, headings and repetitions do not", () => {
  expect(read('Code,Uses\r\n"A-1",3\nA-2;x\n\n A-1 \n')).toEqual(["A-1", "A-2"]);
  expect(read("")).toEqual([]);
});
