/// <reference types="vitest/config" />
import { fileURLToPath } from "node:url";

import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// Where a running instance answers, for `npm run dev`.
const instance = { target: process.env.HEADWATER_URL ?? "http://localhost:8100", changeOrigin: false };

// A page that loads eighty small files waits for their number, not for their size. So what every page needs comes in one
// file, what most screens need in another, and all icons in a third; what few need stays apart, by the packer's own rules.
// `tests/browser/test_size.py` holds the budgets.
const PARTS = [
  ...["Accordion/AccordionChevron", "ActionIcon", "Alert", "AppShell", "Box", "Burger", "Button", "Center", "CloseButton", "Collapse"],
  ...["Container", "Group", "Kbd", "Loader", "NavLink", "Paper", "Portal", "ScrollArea", "Skeleton", "Stack", "Text", "ThemeIcon"],
  ...["Title", "Transition", "UnstyledButton"],
];
const FRAME = [
  "node_modules/(react|react-dom|scheduler|react-remove-scroll|openapi-[^/]+|clsx|@tanstack|@floating-ui)/",
  "@mantine/(hooks|store)/",
  `@mantine/core/esm/(core|utils|components/(${PARTS.join("|")}))/`,
  "src/api/",
  "src/app/(Afterwards|Crash|Missing|Page|address|first|places|rooms|session|theme)[.]",
  "src/ui/states[.]",
];
const groups = [
  { name: "frame", test: new RegExp(`/(${FRAME.join("|")})`), priority: 3 },
  { name: "icons", test: "@tabler/icons-react", priority: 2 },
  { name: "rooms", minShareCount: 12, priority: 1 },
];

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: {
    outDir: "../src/headwater/api/app_built",
    emptyOutDir: true,
    assetsDir: "app",
    manifest: true,
    // Everything is a file of its own: a strict Content-Security-Policy knows no data: scripts or styles.
    assetsInlineLimit: 0,
    // Browsers since May 2024: older ones would need `light-dark()` rewritten, and what it is rewritten to takes no colours
    // from a scheme that is chosen in the app.
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    chunkSizeWarningLimit: 1200,
    rolldownOptions: { output: { codeSplitting: { groups } } },
  },
  server: { proxy: { "/api": instance, "/_allauth": instance, "/static": instance } },
  test: { environment: "node", css: false },
});
