// The words of mpam probe.

import type { Command } from "commander";
import { example } from "./example.ts";
import { COMMAND_LINE, COMPAT, JSON_OPTION, LOG_REGISTERS, PLATFORM, PLATFORM_ARGUMENT, SMMUS } from "./shared.ts";

export function addProbe(mpam: Command): void {
  const probe = mpam
    .command("probe")
    .summary("what the driver finds on a platform")
    .description("boot the driver on a platform and print what it finds")
    .argument(...PLATFORM_ARGUMENT)
    .option(...PLATFORM)
    .option(...COMPAT)
    .option(...COMMAND_LINE)
    .option(...SMMUS)
    .option(...LOG_REGISTERS)
    .option(...JSON_OPTION)
    .action(async (platform, options) => (await import("../probe.ts")).probe(platform, options));
  example(probe, "mpam probe two-sockets");
}
