// The words of mpam page.

import type { Command } from "commander";
import { example } from "./example.ts";
import { JSON_OPTION } from "./shared.ts";

export function addPage(mpam: Command): void {
  const page = mpam
    .command("page")
    .summary("the machine in a browser of this computer")
    .description(
      "open the machine in a browser of this computer: serves the page (docs/page.md), until SIGINT or SIGTERM",
    )
    .option("--port <n>", "where, on 127.0.0.1 (default: a free one)")
    .option("--open", "open it in the browser at once")
    .option("--check", "say what would be served, and end")
    .option(...JSON_OPTION)
    .action(async (options) => (await import("../page.ts")).page(options));
  example(page, "mpam page --check");
}
