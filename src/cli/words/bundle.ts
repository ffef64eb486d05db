// The words of mpam bundle.

import type { Command } from "commander";
import { example } from "./example.ts";
import { addSessionOptions } from "./session.ts";
import { JSON_OPTION, QUIET } from "./shared.ts";

export function addBundle(mpam: Command): void {
  const bundle = mpam
    .command("bundle")
    .summary("a run in one file, for a bug report")
    .description("a run in one file, for a bug report: make one, look into it, repeat it");
  const make = addSessionOptions(
    bundle
      .command("make")
      .description("run, and write platform, seed, script, log, registers and snapshot into one file")
      .requiredOption("-o, --output <file>", "bundle to write")
      .option("--replay <traces...>", "traces to run, named as for mpam replay")
      .option("--with-traces", "put the traces in; without it their names and hashes are")
      .option("--at <time>", "take the snapshot at this model time, as in 2ms (default: at the end)")
      .option("--note <text>", "what is wrong, in your words"),
  )
    .option(...QUIET)
    .option(...JSON_OPTION)
    .action(async (options) => (await import("../bundle/make.ts")).make(options));
  const open = bundle
    .command("open")
    .description("say what is in a bundle, and hold it against its hashes")
    .argument("<bundle>")
    .option("--extract <folder>", "write its files into this folder, which is new or empty")
    .option(...JSON_OPTION)
    .action(async (path, options) => (await import("../bundle/open.ts")).open(path, options));
  const run = bundle
    .command("run")
    .description("repeat the run of a bundle, and say whether it ends the same; ends with 1 when it does not")
    .argument("<bundle>")
    .option("--replay <traces...>", "where the traces are that it has by name alone")
    .option(...QUIET)
    .option(...JSON_OPTION)
    .action(async (path, options) => (await import("../bundle/open.ts")).run(path, options));
  const made =
    'mpam bundle make -o bug.mpam --replay synth:zipf,ws=1M,n=100k -d "@0 mkdir web" --note "web holds too much"';
  example(bundle, made, "mpam bundle open bug.mpam");
  example(make, made);
  example(open, made, "mpam bundle open bug.mpam --extract bug");
  example(run, made, "mpam bundle run bug.mpam");
}
