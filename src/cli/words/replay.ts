// The words of mpam replay.

import type { Command } from "commander";
import { example } from "./example.ts";
import { addSessionOptions } from "./session.ts";
import { collect, JSON_OPTION, LOG_REGISTERS, QUIET } from "./shared.ts";

export function addReplay(mpam: Command): void {
  const replay = addSessionOptions(
    mpam
      .command("replay")
      .summary("run traces together: what each group did")
      .description("replay traces together and print what each group did")
      .argument(
        "<traces...>",
        "Arrow files (mpam trace import makes them) or synth:PATTERN,...; options follow an @: a.arrow@start=2ms,loop=3",
      ),
  )
    .option("--warmup <point>", "count from there on: a time, a share of the run such as 10%, a number of records")
    .option("--roi <from..to>", "replay from one point to another: times, numbers of records or markers")
    .option(
      "--workers <n>",
      "threads that replay together, 1 (default) to 8, to the same end; closed timing runs on one",
    )
    .option("--by-el", "show programs (EL0) and the kernel (EL1) apart")
    .option("--sample <time>", "show bandwidth beside its limits every so much model time, as in 100us")
    .option(
      "--report <file>",
      "write a report too: .html (one page), .json (for mpam report), .svg, .csv or .arrow (docs/reports.md)",
      collect,
      [],
    )
    .option(...LOG_REGISTERS)
    .option(...QUIET)
    .option(...JSON_OPTION)
    .action(async (traces, options) => (await import("../replay.ts")).replay(traces, options));
  example(
    replay,
    "cd examples/traces",
    "mpam replay polite.arrow.br greedy.arrow.br -p private-l2 -g polite=trace:1 -g greedy=trace:2 \\",
    '  -d "@50% write greedy/schemata L3:0=3"',
  );
}
