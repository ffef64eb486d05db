// The words of mpam serve.

import type { Command } from "commander";
import { example } from "./example.ts";
import {
  COMMAND_LINE,
  COMPAT,
  LOG_REGISTERS,
  LOOP,
  PLATFORM,
  PLATFORM_ARGUMENT,
  SCRIPT,
  SEED,
  SMMUS,
  TIMING,
} from "./shared.ts";

export function addServe(mpam: Command): void {
  const serve = mpam
    .command("serve")
    .summary("registers at sockets: gdb, qtest, Prometheus")
    .description(
      "give a machine to other programs by sockets, until SIGINT or SIGTERM: registers, interrupts, the clock",
    )
    .argument(...PLATFORM_ARGUMENT)
    .option(...PLATFORM)
    .option("--qtest <address>", "the text protocol of QEMU's qtest at a path, tcp:PORT or stdio (docs/serving.md)")
    .option("--gdb <address>", "the remote protocol of GDB (docs/gdb.md)")
    .option("--metrics <address>", "counters for Prometheus, as a page of text over HTTP")
    .option("--boot", "boot our driver and resctrl; without, the machine is as firmware leaves it")
    .option("--cpu <n>", "who makes the accesses of clients, 0 by default")
    .option("--space <name>", "in which space: ns (default), s, rt or rl")
    .option("--replay <traces...>", "traces that run meanwhile, named as for mpam replay")
    .option(...LOOP)
    .option(...TIMING)
    .option(
      "--speed <x>",
      "model time against time of the wall: 1, max, or 0, where time and traces stand still until a client moves the clock (default: 0, and 1 with --replay)",
    )
    .option(...SCRIPT)
    .option(...SEED)
    .option(...COMPAT)
    .option(...COMMAND_LINE)
    .option(...SMMUS)
    .option(...LOG_REGISTERS)
    .option("--allow-remote", "take TCP addresses that other computers reach; they can then do anything to the machine")
    .option("--json", "one JSON object instead of text, when all is ready")
    .option("-q, --quiet", "do not say where it listens")
    .action(async (platform, options) => (await import("../serve.ts")).serve(platform, options));
  example(serve, "echo readl 0x141000000 | mpam serve --qtest stdio -q");
}
