// The words of mpam mount and mpam run.

import type { Command } from "commander";
import { collect } from "./shared.ts";

/** What both take: docs/mounting.md. */
function addTreeOptions(command: Command): Command {
  return command
    .option("--interface <name>", "resctrl (default), or android: the older one, with one cache (docs/android.md)")
    .option("-p, --platform <file>", "platform file (default: the bundled one-socket; for android, android)")
    .option("-o, --options <list>", "flags of mount -o: cdp, cdpl2, mba_MBps, debug, with commas between")
    .option("--expert", "a kernel built with CONFIG_EXPERT, which cdp needs")
    .option("--profile <name>", "mpam (default), or x86: with files that programs made for x86 insist on")
    .option("--proposed <name>", "kernel-mode: files that are proposed for Linux and not merged (docs/resctrl.md)")
    .option(
      "--compat <kernel>",
      "linux-7.3, or android-2022 for android: keep what that kernel does that is surprising",
    )
    .option(
      "--command-line <words>",
      "of the kernel: arm64.nompam keeps it from using MPAM, and there is nothing to mount",
    )
    .option("--smmus", "keep to the PARTIDs and PMGs that SMMUs have; Linux asks the cpus and MSCs alone")
    .option(
      "--tasks <whose>",
      "machine: the threads of traces, or host: those of this host (default of mpam run without --replay)",
    )
    .option("--replay <traces...>", "traces that run while the tree is mounted, named as for mpam replay")
    .option("--guest <NAME=RULE,...>", "threads that run in a guest, as for mpam replay (docs/guests.md)", collect, [])
    .option("--guest-partid <NAME:N=RULE>", "threads of a guest with its own PARTID N", collect, [])
    .option("--loop", "replay them again when they end")
    .option("--speed <x>", "model time against time of the wall: 1 (default), 0.1 ten times as slow, max")
    .option("-s, --script <file>", "lines at model times (docs/scripts.md)")
    .option("--seed <n>", "permute the pages of every address space")
    .option("--journal <file>", "one line of JSON for each operation, in the order in which they took effect")
    .option(
      "--dump-registers <file>",
      "what the control registers hold at the end; .json for data, - for standard error",
    )
    .option(
      "--log-registers <FILTER>",
      "print register accesses on standard error: names with * and ?, REG.FIELD, msc:N, space:S, read, write, with commas between",
    )
    .option("-v, --verbose", "say on standard error what the driver says");
}

export function addMount(mpam: Command): void {
  addTreeOptions(
    mpam
      .command("mount")
      .description("mount the resctrl tree of an emulated machine at a directory, until SIGINT, SIGTERM or umount")
      .argument("<directory>"),
  )
    .option("--json", "one JSON object instead of text, when it is mounted")
    .action(async (directory, options) => (await import("../mount.ts")).mount(directory, options));
}

export function addRun(mpam: Command): void {
  addTreeOptions(
    mpam
      .command("run")
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
    .addHelpText("after", "\nExamples:\n  mpam run -- pqos -I -s\n  mpam run --tasks host -- bash")
    .action(async (command, options) => (await import("../run.ts")).run(command, options));
  // What mpam run starts in the namespace.
  mpam.command("inside", { hidden: true }).action(async () => (await import("../inside.ts")).inside());
}
