// The words of mpam dt.

import type { Command } from "commander";
import { JSON_OPTION } from "./shared.ts";

export function addDt(mpam: Command): void {
  const dt = mpam
    .command("dt")
    .description("device trees: write one for a platform, look into one, check it, make a platform of it");
  dt.command("build")
    .description("write the device tree of a platform that has firmware: dt or android")
    .argument("<platform>", "platform file")
    .requiredOption("-o, --output <file>", "blob (dtb) to write")
    .option(...JSON_OPTION)
    .action(async (platform, options) => (await import("../dt.ts")).buildTree(platform, options));
  dt.command("dump")
    .description("show a device tree as source text (dts)")
    .argument("<dtb>")
    .option(...JSON_OPTION)
    .action(async (path, options) => (await import("../dt.ts")).dumpTree(path, options));
  dt.command("check")
    .description(
      "say what software cannot use, and what the binding wants otherwise; ends with 1 when there are errors",
    )
    .argument("<dtb>")
    .option(...JSON_OPTION)
    .action(async (path, options) => (await import("../dt.ts")).checkTree(path, options));
  dt.command("platform")
    .description("make a platform file of a device tree, and say what in it is a guess")
    .argument("<dtb>")
    .option("-o, --output <file>", "platform file to write (default: standard output)")
    .option(...JSON_OPTION)
    .action(async (path, options) => (await import("../dt.ts")).platformOfTree(path, options));
}
