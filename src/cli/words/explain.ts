// The words of mpam explain.

import type { Command } from "commander";
import { example } from "./example.ts";
import {
  COMMAND_LINE,
  COMPAT,
  collect,
  JSON_OPTION,
  KERNEL_MODE,
  PLATFORM,
  PLATFORM_ARGUMENT,
  SCRIPT,
  SMMUS,
} from "./shared.ts";

export function addExplain(mpam: Command): void {
  const explain = mpam
    .command("explain")
    .summary("what resctrl makes of it, and why not")
    .description("say for every class what resctrl makes of it, or which rule refused it and what would change that")
    .argument(...PLATFORM_ARGUMENT)
    .option(...PLATFORM)
    .option(...COMPAT)
    .option(...COMMAND_LINE)
    .option(...SMMUS)
    .option(...JSON_OPTION)
    .action(async (platform, options) => (await import("../explain.ts")).explain(platform, options));
  const labels = explain
    .command("labels")
    .description("say step by step how the label of a cpu's requests comes about, from resctrl to registers to MSCs")
    .argument(...PLATFORM_ARGUMENT)
    .option(...PLATFORM)
    .requiredOption("--cpu <n>", "which cpu")
    .requiredOption("--el <n>", "exception level of the request: 0 to 3")
    .option("--kind <kind>", "data, fetch, streaming or nv2 (default: data and fetch)")
    .option("-g, --group <path>", "the thread that runs is in this group (default: the default group)")
    .option("-d, --do <LINE>", 'what happens before: "@0 mkdir web"', collect, [])
    .option(...SCRIPT)
    .option("--set <REGISTER=VALUE>", "write a system register, or a field as in MPAM2_EL2.PARTID_D=3", collect, [])
    .option(...KERNEL_MODE)
    .option(...COMMAND_LINE)
    .option(...SMMUS)
    .option(...COMPAT)
    .option(...JSON_OPTION)
    .action(async (platform, options) => (await import("../explain-labels.ts")).explainLabels(platform, options));
  example(explain, "mpam explain two-sockets");
  example(labels, 'mpam explain labels --cpu 3 --el 0 -d "@0 mkdir web" -g web');
}
