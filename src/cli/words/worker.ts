// The words of mpam worker.

import type { Command } from "commander";
import { example } from "./example.ts";
import { collect, JSON_OPTION, QUIET } from "./shared.ts";

export function addWorker(mpam: Command): void {
  const worker = mpam
    .command("worker")
    .summary("run units of sweeps that a queue has")
    .description(
      "take units of sweeps from a queue in Redis or Valkey and run them, until SIGINT or SIGTERM (docs/sweeps.md)",
    )
    .requiredOption("--queue <url>", "the queue: redis://host:6379, rediss:// for TLS; the same for mpam sweep")
    .option("--jobs <n>", "units at once (default: one for each cpu)")
    .option(
      "--traces <folder>",
      "look for traces here, and read no files outside: whoever can write to the queue names them",
      collect,
      [],
    )
    .option("--cache <folder>", "where fetched and unpacked traces are kept (default: the user's cache)")
    .option("--name <name>", "as the dashboard shows it (default: the host's name and the process)")
    .option("--lock <seconds>", "how long a unit stays with this worker when it is gone (default: 15)")
    .option("--once", "end after one unit")
    .option("--until-idle", "end when nothing waits")
    .option("--dashboard [port]", "with --queue: BullMQ's dashboard, on this machine alone")
    .option("-v, --verbose", "a line for each unit")
    .option(...QUIET)
    .option(...JSON_OPTION)
    .action(async (options) => (await import("../worker.ts")).worker(options));
  // Nothing waits there, so it ends at once; where no queue is, it says so.
  example(worker, "mpam worker --queue redis://127.0.0.1:6379 --until-idle");
}
