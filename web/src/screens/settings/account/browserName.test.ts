// Browsers by their names.
import { expect, test } from "vitest";

import { browserName } from "./browserName";

test("a browser is told from those that it pretends to be", () => {
  expect(browserName("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36 Edg/130.0")).toBe("Edge on Windows");
  expect(browserName("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36")).toBe("Chrome on Linux");
  expect(browserName("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1 (KHTML, like Gecko) Version/18.0 Mobile Safari/604.1")).toBe("Safari on iOS");
  expect(browserName("Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:130.0) Gecko/20100101 Firefox/130.0")).toBe("Firefox on macOS");
});

test("what is no browser keeps its own name", () => {
  expect(browserName("curl/8.1")).toBe("curl/8.1");
  expect(browserName("")).toBe("Unknown");
});
