// The words of mpam replay.

import type { Command } from "commander";
import { COMMAND_LINE, COMPAT, collect, JSON_OPTION, KERNEL_MODE, LOG_REGISTERS, SMMUS } from "./shared.ts";

export function addReplay(mpam: Command): void {
  mpam
    .command("replay")
    .description("replay traces together and print what each group did")
    .argument(
      "<traces...>",
      "Arrow files (mpam trace import makes them) or synth:PATTERN,...; options follow an @: a.arrow@start=2ms,loop=3",
    )
    .option("-p, --platform <file>", "platform file (default: the bundled one-socket)")
    .option(
      "-g, --group <NAME=RULE>",
      "put threads into a group: web=trace:1, web=tid:7, web=pid:7, web=comm:sort",
      collect,
      [],
    )
    .option(
      "--guest <NAME=RULE,...>",
      "threads that run in a guest: vm=trace:2; its PARTIDs lead to groups: vm=trace:2,groups=a+b (docs/guests.md)",
      collect,
      [],
    )
    .option(
      "--guest-partid <NAME:N=RULE>",
      "threads that a guest's kernel gives its own PARTID N: vm:1=comm:sort",
      collect,
      [],
    )
    .option("-l, --labels <file>", "a label map: who has which label or group (docs/replay.md)")
    .option("-d, --do <LINE>", 'what happens at a model time: "@50% write web/schemata L3:0=3"', collect, [])
    .option("-s, --script <file>", "a file of such lines (docs/scripts.md)")
    .option("--seed <n>", "permute the pages of every address space")
    .option("--warmup <point>", "count from there on: a time, a share of the run such as 10%, a number of records")
    .option("--roi <from..to>", "replay from one point to another: times, numbers of records or markers")
    .option(
      "--timing <how>",
      "open (default: limits delay nobody) or closed (who waits issues later; latencies are shown)",
    )
    .option("--statistics <what>", "counts (default) or full: why lines were lost, which takes longer")
    .option(
      "--workers <n>",
      "threads that replay together, 1 (default) to 8, to the same end; closed timing runs on one",
    )
    .option(...KERNEL_MODE)
    .option("--proposed <name>", "kernel-mode: files of resctrl with which a script can change that (docs/resctrl.md)")
    .option("--by-el", "show programs (EL0) and the kernel (EL1) apart")
    .option("--sample <time>", "show bandwidth beside its limits every so much model time, as in 100us")
    .option(
      "--report <file>",
      "write a report too: .html (one page), .json (for mpam report), .svg, .csv or .arrow (docs/reports.md)",
      collect,
      [],
    )
    .option(...COMPAT)
    .option(...COMMAND_LINE)
    .option(...SMMUS)
    .option(...LOG_REGISTERS)
    .option("-q, --quiet", "no progress")
    .option(...JSON_OPTION)
    .addHelpText(
      "after",
      '\nExample:\n  mpam replay a.arrow b.arrow -g web=trace:1 -g batch=trace:2 -d "@50% write batch/schemata L3:0=3"',
    )
    .action(async (traces, options) => (await import("../replay.ts")).replay(traces, options));
}
