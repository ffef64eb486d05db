// The words of mpam dt.

import type { Command } from "commander";
import { example } from "./example.ts";
import { JSON_OPTION, PLATFORM, PLATFORM_ARGUMENT, PLATFORM_OUTPUT } from "./shared.ts";

export function addDt(mpam: Command): void {
  const dt = mpam
    .command("dt")
    .summary("device trees: make, show, check, read")
    .description("device trees: write one for a platform, look into one, check it, make a platform of it");
  const build = dt
    .command("build")
    .description("write the device tree of a platform that has firmware: dt or android")
    .argument(...PLATFORM_ARGUMENT)
    .option(...PLATFORM)
    .requiredOption("-o, --output <file>", "blob (dtb) to write")
    .option(...JSON_OPTION)
    .action(async (platform, options) => (await import("../dt.ts")).buildTree(platform, options));
  const dump = dt
    .command("dump")
    .description("show a device tree as source text (dts)")
    .argument("<dtb>")
    .option(...JSON_OPTION)
    .action(async (path, options) => (await import("../dt.ts")).dumpTree(path, options));
  const check = dt
    .command("check")
    .description(
      "say what software cannot use, and what the binding wants otherwise; ends with 1 when there are errors",
    )
    .argument("<dtb>")
    .option(...JSON_OPTION)
    .action(async (path, options) => (await import("../dt.ts")).checkTree(path, options));
  const platform = dt
    .command("platform")
    .description("make a platform file of a device tree, and say what in it is a guess")
    .argument("<dtb>")
    .option(...PLATFORM_OUTPUT)
    .option(...JSON_OPTION)
    .action(async (path, options) => (await import("../dt.ts")).platformOfTree(path, options));
  const made = "mpam dt build big-little -o big-little.dtb";
  example(dt, made, "mpam dt dump big-little.dtb");
  example(build, made);
  example(dump, made, "mpam dt dump big-little.dtb");
  example(check, made, "mpam dt check big-little.dtb");
  example(platform, made, "mpam dt platform big-little.dtb -o guess.yaml");
}
