// One run of every test; each prints its name, so that the list reads as a specification.

import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // Against tests that hang; how long one takes on a busy machine decides nothing.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // One worker less than there are cpus is the default, which is one on two cpus.
    maxWorkers: "100%",
    // No module keeps anything of a test: modules are loaded once for all files of a worker.
    isolate: false,
    // A suite that finds no test is a broken suite.
    passWithNoTests: false,
    allowOnly: false,
  },
});
