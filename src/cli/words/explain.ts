// The words of mpam explain.

import type { Command } from "commander";
import { COMMAND_LINE, COMPAT, collect, JSON_OPTION, KERNEL_MODE, SMMUS } from "./shared.ts";

export function addExplain(mpam: Command): void {
  const explain = mpam
    .command("explain")
    .description("say for every class what resctrl makes of it, or which rule refused it and what would change that")
    .argument("[platform]", "platform file (default: the bundled one-socket)")
    .option(...COMPAT)
    .option(...COMMAND_LINE)
    .option(...SMMUS)
    .option(...JSON_OPTION)
    .action(async (platform, options) => (await import("../explain.ts")).explain(platform, options));
  explain
    .command("labels")
    .description("say step by step how the label of a cpu's requests comes about, from resctrl to registers to MSCs")
    .argument("[platform]", "platform file (default: the bundled one-socket)")
    .requiredOption("--cpu <n>", "which cpu")
    .requiredOption("--el <n>", "exception level of the request: 0 to 3")
    .option("--kind <kind>", "data, fetch, streaming or nv2 (default: data and fetch)")
    .option("-g, --group <path>", "the thread that runs is in this group (default: the default group)")
    .option("-d, --do <LINE>", 'what happens before: "@0 mkdir web"', collect, [])
    .option("-s, --script <file>", "a file of such lines (docs/scripts.md)")
    .option("--set <REGISTER=VALUE>", "write a system register, or a field as in MPAM2_EL2.PARTID_D=3", collect, [])
    .option(...KERNEL_MODE)
    .option("--command-line <text>", "what the kernel is booted with, such as arm64.nompam")
    .option(...SMMUS)
    .option(...COMPAT)
    .option(...JSON_OPTION)
    .addHelpText("after", '\nExample:\n  mpam explain labels --cpu 3 --el 0 -d "@0 mkdir web" -g web')
    .action(async (platform, options) => (await import("../explain-labels.ts")).explainLabels(platform, options));
}
