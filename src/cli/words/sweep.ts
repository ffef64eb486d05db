// The words of mpam sweep.

import type { Command } from "commander";
import { example } from "./example.ts";
import { collect, JSON_OPTION, QUIET } from "./shared.ts";

const STORE = ["--store <folder>", "where results are kept (default: the plan's name with .sweep, here)"] as const;
const PLAN = ["--plan <file>", "the plan (docs/sweeps.md)"] as const;
const APPROXIMATE = [
  "--approximate",
  "split replays too whose parts are not independent, and mark what comes of it",
] as const;
const REPORT = [
  "--report <file>",
  "write the answer too: .html (one page), .svg, .csv, .arrow or .json (docs/sweeps.md)",
  collect,
  [] as string[],
] as const;
const TRACES = [
  "--traces <folder>",
  "look here for traces that are not where the plan says",
  collect,
  [] as string[],
] as const;
const CACHE = ["--cache <folder>", "where fetched and unpacked traces are kept (default: the user's cache)"] as const;

export function addSweep(mpam: Command): void {
  const sweep = mpam
    .command("sweep")
    .summary("many configurations: which one to write")
    .description(
      "run traces on platforms under many configurations, and say which is best; what is known is not run again",
    )
    .argument("<plan>", "a plan (docs/sweeps.md)")
    .option(...STORE)
    .option("--jobs <n>", "units at once (default: one for each cpu)")
    .option("--queue <url>", "run on the workers of a queue in Redis or Valkey: redis://host:6379 (docs/sweeps.md)")
    .option("--dashboard [port]", "with --queue: BullMQ's dashboard, on this machine alone")
    .option(...REPORT)
    .option(...APPROXIMATE)
    .option("--dry-run", "say what would be run")
    .option(...TRACES)
    .option(...CACHE)
    .option(...QUIET)
    .option(...JSON_OPTION)
    .action(async (plan, options) => (await import("../sweep/sweep.ts")).sweep(plan, options));
  const unit = sweep
    .command("unit")
    .summary("run some units of a plan, as one of many jobs")
    .description("run some units of a plan and keep their results: one of the jobs of an array (docs/sweeps.md)")
    .requiredOption(...PLAN)
    .requiredOption(
      "--index <units>",
      "which of them, from 0 on: 7, 0-9 or 3,8; or a share of all: 3/100, counted from 0",
    )
    .option(...STORE)
    .option(...APPROXIMATE)
    .option(...TRACES)
    .option(...CACHE)
    .option(...JSON_OPTION)
    .action(async (options) => (await import("../sweep/unit.ts")).unit(options));
  const merge = sweep
    .command("merge")
    .summary("put the results of all jobs together")
    .description("put the results of all units together, and say what is best; ends with 1 where some are missing")
    .requiredOption(...PLAN)
    .option(...STORE)
    .option(...REPORT)
    .option(...APPROXIMATE)
    .option(...JSON_OPTION)
    .action(async (options) => (await import("../sweep/merge.ts")).merge(options));
  const plan = "examples/sweeps/first.yaml";
  example(sweep, `mpam sweep ${plan} --dry-run`, `mpam sweep ${plan} --report answer.html`);
  example(unit, `mpam sweep unit --plan ${plan} --index 0-3`);
  example(merge, `mpam sweep unit --plan ${plan} --index 0/1`, `mpam sweep merge --plan ${plan}`);
}
