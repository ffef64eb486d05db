// One run of every test; each prints its name, so that the list reads as a specification.

import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 20_000,
    // A suite that finds no test is a broken suite.
    passWithNoTests: false,
    allowOnly: false,
  },
});
