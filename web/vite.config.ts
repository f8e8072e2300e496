/// <reference types="vitest/config" />
import { fileURLToPath } from "node:url";

import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// Where a running instance answers, for `npm run dev`.
const instance = { target: process.env.HEADWATER_URL ?? "http://localhost:8100", changeOrigin: false };

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
    chunkSizeWarningLimit: 1200,
  },
  server: { proxy: { "/api": instance, "/_allauth": instance, "/static": instance } },
  test: { environment: "node", css: false },
});
