// The words of mpam: its commands, in the order in which --help shows them. What carries a command out is loaded when it is given.

import { Command } from "commander";
import { addAcpi } from "./words/acpi.ts";
import { addBundle } from "./words/bundle.ts";
import { addCompletion } from "./words/completion.ts";
import { addDemo } from "./words/demo.ts";
import { addDoctor } from "./words/doctor.ts";
import { addDt } from "./words/dt.ts";
import { addEmbed } from "./words/embed.ts";
import { example } from "./words/example.ts";
import { exitCodeLines } from "./words/exit-codes.ts";
import { addExplain } from "./words/explain.ts";
import { addInit } from "./words/init.ts";
import { addMount, addRun } from "./words/mount.ts";
import { addPage } from "./words/page.ts";
import { addProbe } from "./words/probe.ts";
import { addReplay } from "./words/replay.ts";
import { addReport } from "./words/report.ts";
import { addServe } from "./words/serve.ts";
import { addTrace } from "./words/trace.ts";

const COMMANDS: readonly ((mpam: Command) => void)[] = [
  addDemo,
  addReplay,
  addReport,
  addMount,
  addRun,
  addServe,
  addPage,
  addExplain,
  addInit,
  addProbe,
  addDt,
  addTrace,
  addAcpi,
  addEmbed,
  addBundle,
  addDoctor,
  addCompletion,
];

export function program(version: string): Command {
  const mpam = new Command("mpam")
    .description("an Arm MPAM machine without the silicon")
    .version(version)
    .showHelpAfterError("(mpam --help lists what there is)")
    .enablePositionalOptions()
    .exitOverride();
  for (const add of COMMANDS) add(mpam);
  mpam.addHelpText("after", `\nExit codes:\n${exitCodeLines()}`);
  return example(mpam, "mpam demo", "mpam init mine.yaml", "mpam probe mine.yaml");
}
