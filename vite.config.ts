// The page: src/web as a folder of static files that works at any address.

import preact from "@preact/preset-vite";
import { defineConfig } from "vite";
import { bundledTraces } from "./src/web/build/bundled-traces.ts";

/** With these a page has shared memory, and the machine threads (docs/page.md). */
const headers = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

const ARROW_PARTS = ["ipc/metadata/file", "ipc/metadata/message", "type"].map((part) => `apache-arrow/${part}`);

export default defineConfig({
  root: "src/web",
  base: "./",
  cacheDir: "../../dist/.vite",
  plugins: [preact(), bundledTraces(new URL("./examples/traces/", import.meta.url))],
  worker: { format: "es" },
  build: {
    outDir: "../../dist/page",
    emptyOutDir: true,
    // Files stay files: an address of data: is not allowed everywhere, and the hardware is compiled while it comes.
    assetsInlineLimit: 0,
    target: "es2022",
  },
  // Found late, in the worker: known from the beginning they do not load the page anew.
  optimizeDeps: {
    include: ["comlink", "uplot", "valibot", "yaml", "apache-arrow", ...ARROW_PARTS, "fzstd", "xz-decompress"],
  },
  server: { headers },
  preview: { headers },
});
