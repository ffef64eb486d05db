// The words of mpam demo.

import type { Command } from "commander";
import { example } from "./example.ts";
import { JSON_OPTION, QUIET } from "./shared.ts";

export function addDemo(mpam: Command): void {
  const demo = mpam
    .command("demo")
    .summary("two recorded programs and one schemata line")
    .description("two recorded programs share a cache until a schemata line ends it (npm start)")
    .option(...QUIET)
    .option(...JSON_OPTION)
    .action(async (options) => (await import("../demo.ts")).demo(options));
  example(demo, "mpam demo");
}
