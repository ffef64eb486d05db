// The words of mpam probe.

import type { Command } from "commander";
import { COMMAND_LINE, COMPAT, JSON_OPTION, LOG_REGISTERS, SMMUS } from "./shared.ts";

export function addProbe(mpam: Command): void {
  mpam
    .command("probe")
    .description("boot the driver on a platform and print what it finds")
    .argument("[platform]", "platform file (default: the bundled one-socket)")
    .option(...COMPAT)
    .option(...COMMAND_LINE)
    .option(...SMMUS)
    .option(...LOG_REGISTERS)
    .option(...JSON_OPTION)
    .action(async (platform, options) => (await import("../probe.ts")).probe(platform, options));
}
