// The words of mpam serve.

import type { Command } from "commander";
import { COMMAND_LINE, COMPAT, LOG_REGISTERS, SMMUS } from "./shared.ts";

export function addServe(mpam: Command): void {
  mpam
    .command("serve")
    .description(
      "give a machine to other programs by sockets, until SIGINT or SIGTERM: registers, interrupts, the clock",
    )
    .argument("[platform]", "platform file (default: the bundled one-socket)")
    .option("-p, --platform <file>", "the same, as an option")
    .option("--qtest <address>", "the text protocol of QEMU's qtest at a path, tcp:PORT or stdio (docs/serving.md)")
    .option("--gdb <address>", "the remote protocol of GDB (docs/gdb.md)")
    .option("--metrics <address>", "counters for Prometheus, as a page of text over HTTP")
    .option("--boot", "boot our driver and resctrl; without, the machine is as firmware leaves it")
    .option("--cpu <n>", "who makes the accesses of clients, 0 by default")
    .option("--space <name>", "in which space: ns (default), s, rt or rl")
    .option("--replay <traces...>", "traces that run meanwhile, named as for mpam replay")
    .option("--loop", "replay them again when they end")
    .option("--timing <how>", "open (default) or closed, as for mpam replay")
    .option(
      "--speed <x>",
      "model time against time of the wall: 1, max, or 0, where time and traces stand still until a client moves the clock (default: 0, and 1 with --replay)",
    )
    .option("-s, --script <file>", "lines at model times (docs/scripts.md)")
    .option("--seed <n>", "permute the pages of every address space")
    .option(...COMPAT)
    .option(...COMMAND_LINE)
    .option(...SMMUS)
    .option(...LOG_REGISTERS)
    .option("--allow-remote", "take TCP addresses that other computers reach; they can then do anything to the machine")
    .option("--json", "one JSON object instead of text, when all is ready")
    .option("-q, --quiet", "do not say where it listens")
    .addHelpText("after", "\nExample:\n  echo readl 0x141000000 | mpam serve --qtest stdio -q")
    .action(async (platform, options) => (await import("../serve.ts")).serve(platform, options));
}
