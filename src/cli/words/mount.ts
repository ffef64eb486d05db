// The words of mpam mount and mpam run.

import type { Command } from "commander";
import { example } from "./example.ts";
import {
  COMMAND_LINE,
  collect,
  GUEST,
  GUEST_PARTID,
  LOG_REGISTERS,
  LOOP,
  PLATFORM,
  PROPOSED,
  SCRIPT,
  SEED,
  SMMUS,
} from "./shared.ts";

/** What both take: docs/mounting.md. */
function addTreeOptions(command: Command): Command {
  return command
    .option("--interface <name>", "resctrl (default), or android: the older one, with one cache (docs/android.md)")
    .option("-p, --platform <file>", `${PLATFORM[1].slice(0, -1)}; for android, android)`)
    .option("-o, --options <list>", "flags of mount -o: cdp, cdpl2, mba_MBps, debug, with commas between")
    .option("--expert", "a kernel built with CONFIG_EXPERT, which cdp needs")
    .option("--profile <name>", "mpam (default), or x86: with files that programs made for x86 insist on")
    .option(...PROPOSED)
    .option(
      "--compat <kernel>",
      "linux-7.3, or android-2022 for android: keep what that kernel does that is surprising",
    )
    .option(...COMMAND_LINE)
    .option(...SMMUS)
    .option(
      "--tasks <whose>",
      "machine: the threads of traces, or host: those of this host (default of mpam run without --replay)",
    )
    .option("--replay <traces...>", "traces that run while the tree is mounted, named as for mpam replay")
    .option(...GUEST, collect, [])
    .option(...GUEST_PARTID, collect, [])
    .option(...LOOP)
    .option("--speed <x>", "model time against time of the wall: 1 (default), 0.1 ten times as slow, max")
    .option(...SCRIPT)
    .option(...SEED)
    .option("--journal <file>", "one line of JSON for each operation, in the order in which they took effect")
    .option(
      "--dump-registers <file>",
      "what the control registers hold at the end; .json for data, - for standard error",
    )
    .option(...LOG_REGISTERS)
    .option("-v, --verbose", "say on standard error what the driver says");
}

export function addMount(mpam: Command): void {
  const mount = addTreeOptions(
    mpam
      .command("mount")
      .summary("the resctrl tree at a directory of this host")
      .description("mount the resctrl tree of an emulated machine at a directory, until SIGINT, SIGTERM or umount")
      .argument("<directory>"),
  )
    .option("--json", "one JSON object instead of text, when it is mounted")
    .action(async (directory, options) => (await import("../mount.ts")).mount(directory, options));
  example(mount, "mkdir -p /tmp/resctrl", "mpam mount /tmp/resctrl");
}

export function addRun(mpam: Command): void {
  const run = addTreeOptions(
    mpam
      .command("run")
      .summary("a command that sees the emulated machine")
      .description("run a command for which this host is the emulated machine, with resctrl at /sys/fs/resctrl")
      .argument("<command...>", "-- comes before it where an option with several values does"),
  )
    .option(
      "--wrap <program>",
      "let this program see the type resctrl whoever starts it (docs/clients.md)",
      collect,
      [],
    )
    .passThroughOptions()
    .action(async (command, options) => (await import("../run.ts")).run(command, options));
  example(
    run,
    "mpam run -- cat /sys/fs/resctrl/schemata",
    "mpam run -- sh -c 'mkdir /sys/fs/resctrl/web && echo L3:0=f > /sys/fs/resctrl/web/schemata'",
  );
  // What mpam run starts in the namespace.
  mpam.command("inside", { hidden: true }).action(async () => (await import("../inside.ts")).inside());
}
