// The words of mpam: its commands, in the order in which --help shows them. What carries a command out is loaded when it is given.

import { Command } from "commander";
import { addAcpi } from "./words/acpi.ts";
import { addDemo } from "./words/demo.ts";
import { addDt } from "./words/dt.ts";
import { addEmbed } from "./words/embed.ts";
import { addExplain } from "./words/explain.ts";
import { addMount, addRun } from "./words/mount.ts";
import { addProbe } from "./words/probe.ts";
import { addReplay } from "./words/replay.ts";
import { addTrace } from "./words/trace.ts";

const COMMANDS: readonly ((mpam: Command) => void)[] = [
  addDemo,
  addReplay,
  addMount,
  addRun,
  addExplain,
  addProbe,
  addDt,
  addTrace,
  addAcpi,
  addEmbed,
];

export function program(version: string): Command {
  const mpam = new Command("mpam")
    .description("an Arm MPAM machine without the silicon")
    .version(version)
    .showHelpAfterError("(mpam --help lists what there is)")
    .enablePositionalOptions()
    .exitOverride();
  for (const add of COMMANDS) add(mpam);
  return mpam;
}
