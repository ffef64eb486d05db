// The words of mpam init.

import type { Command } from "commander";
import { example } from "./example.ts";

export function addInit(mpam: Command): void {
  const init = mpam
    .command("init")
    .summary("write a platform file to begin with")
    .description("write a platform file to begin with: every key in it has its meaning beside it")
    .argument("[file]", "the same as --output")
    .option("-o, --output <file>", "platform file to write (default: platform.yaml), - for standard output")
    .option("--cpus <n>", "how many cpus (default: 8)")
    .option("--l3 <size>", "of the cache that all share (default: 1 MiB for every 8 cpus)")
    .option("--ways <n>", "of that cache (default: 16, or what fits its size)")
    .option("--channels <n>", "memory channels (default: 1)")
    .option("--preset <name>", "a bundled platform in place of these four, as it is")
    .option("--minimal", "the keys that are needed, and no more")
    .option("--full", "all keys there are; those that keep their defaults stand in comments")
    .option("--force", "write over a file that is there")
    .action(async (file, options) => (await import("../init.ts")).init(file, options));
  example(init, "mpam init mine.yaml --cpus 4 --l3 '2 MiB' --channels 2", "mpam probe mine.yaml");
}
