// The words of mpam demo.

import type { Command } from "commander";
import { JSON_OPTION } from "./shared.ts";

export function addDemo(mpam: Command): void {
  mpam
    .command("demo")
    .description("two recorded programs share a cache until a schemata line ends it (npm start)")
    .option("-q, --quiet", "no progress")
    .option(...JSON_OPTION)
    .action(async (options) => (await import("../demo.ts")).demo(options));
}
