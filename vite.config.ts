// The page: src/web as a folder of static files that works at any address.

import preact from "@preact/preset-vite";
import { defineConfig } from "vite";
import { passedOn } from "./.ci/page-licenses.ts";
import { ISOLATED as headers } from "./src/serve/page-server.ts";
import { bundledTraces } from "./src/web/build/bundled-traces.ts";

const ARROW_PARTS = ["ipc/metadata/file", "ipc/metadata/message", "type"].map((part) => `apache-arrow/${part}`);

const [licensesOfPage, licensesOfWorkers] = passedOn();

export default defineConfig({
  root: "src/web",
  base: "./",
  cacheDir: "../../dist/.vite",
  plugins: [preact(), bundledTraces(new URL("./examples/traces/", import.meta.url)), licensesOfPage],
  worker: { format: "es", plugins: () => [licensesOfWorkers] },
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
