// @vitest-environment jsdom
// What a preview shows asks nobody for anything, runs nothing, and leads nowhere.
import { expect, test } from "vitest";

import { harmless, inScheme } from "./foreign";

test("pictures of other hosts become boxes with their words, our own stay", () => {
  const page = harmless('<img src="https://cdn.example/a.png" alt="A mug" width="200"><img src="/media/b.png" alt="Ours">', "light");
  expect(page).not.toContain("<img src=\"https://cdn.example");
  expect(page).toContain("A mug");
  expect(page).toContain('src="/media/b.png"');
});

test("nothing in styles or attributes asks a foreign host", () => {
  const page = harmless(
    `<style>@import url("https://x.example/a.css"); body { background: url('https://x.example/b.png') }</style>
     <link rel="stylesheet" href="https://x.example/c.css"><td background="https://x.example/d.png" style="background:url(https://x.example/e.png)">x</td>`,
    "light",
  );
  expect(page).not.toContain("x.example");
});

test("scripts and handlers are gone, links keep their look and say where they would lead", () => {
  const page = harmless('<a href="https://shop.example" target="_blank" onclick="go()">Shop</a><script>go()</script>', "light");
  expect(page).not.toMatch(/script>|onclick|target=/);
  expect(page).toContain('href="#"');
  expect(page).toContain('title="https://shop.example"');
});

test("the scheme asked for holds, whatever the browser prefers", () => {
  const css = "@media (prefers-color-scheme: dark) { a { color: white } }";
  expect(inScheme(css, "dark")).toContain("(min-width: 0)");
  expect(inScheme(css, "light")).toContain("(max-width: 0)");
});
