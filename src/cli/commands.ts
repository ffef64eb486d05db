// The words of mpam: its commands, in the order in which --help shows them. What carries a command out is loaded when it is given.

import { Command, Help, type HelpConfiguration } from "commander";
import { addAcpi } from "./words/acpi.ts";
import { addBundle } from "./words/bundle.ts";
import { addCompletion } from "./words/completion.ts";
import { addDemo } from "./words/demo.ts";
import { addDoctor } from "./words/doctor.ts";
import { addDt } from "./words/dt.ts";
import { addEmbed } from "./words/embed.ts";
import { example } from "./words/example.ts";
import { EXIT_CODES } from "./words/exit-codes.ts";
import { addExplain } from "./words/explain.ts";
import { addInit } from "./words/init.ts";
import { addMount, addRun } from "./words/mount.ts";
import { addPage } from "./words/page.ts";
import { addProbe } from "./words/probe.ts";
import { addReplay } from "./words/replay.ts";
import { addReport } from "./words/report.ts";
import { addServe } from "./words/serve.ts";
import { addSweep } from "./words/sweep.ts";
import { addTrace } from "./words/trace.ts";
import { addWorker } from "./words/worker.ts";

type Add = (mpam: Command) => void;

/** In the order in which a newcomer needs them. */
const GROUPS: readonly (readonly [heading: string, commands: readonly Add[]])[] = [
  ["Begin:", [addDemo, addPage, addDoctor, addInit]],
  ["Look at a machine:", [addProbe, addExplain]],
  ["Run traffic:", [addReplay, addReport, addSweep, addWorker, addTrace, addBundle]],
  ["Give it to other programs:", [addRun, addMount, addServe, addEmbed]],
  ["Firmware:", [addAcpi, addDt]],
  ["This command line:", [addCompletion]],
];

/** Narrow terminals wrap too; that every command has options, and lists begin empty, is not said. What is needed is. */
const HELP: HelpConfiguration = {
  minWidthToWrap: 24,
  subcommandTerm: (command) => new Help().subcommandTerm(command).replace(" [options]", ""),
  optionDescription(option) {
    const said = Array.isArray(option.defaultValue) ? option.description : new Help().optionDescription(option);
    return option.mandatory ? `${said} (needed)` : said;
  },
};

/** In the columns of the rest of the help. */
function exitCodes(mpam: Command): string {
  const helper = mpam.createHelp();
  const { getOutHelpWidth } = mpam.configureOutput();
  helper.prepareContext({ helpWidth: getOutHelpWidth?.() ?? 80 });
  const width = helper.padWidth(mpam, helper);
  return EXIT_CODES.map(([code, meaning]) => helper.formatItem(code, width, meaning, helper)).join("\n");
}

/** What commander says of a command line, as the other errors are said. */
function inOneLine(text: string): string {
  const line = text
    .trim()
    .replace(/^error: /, "mpam: ")
    .replace(/\.$/, "");
  const meant = line.replace(/\n\(Did you mean ([^\n]*)\?\)$/, "; did you mean $1?");
  return `${meant === line ? `${line}; --help lists what there is` : meant}\n`;
}

export function program(version: string): Command {
  const mpam = new Command("mpam")
    .description("an Arm MPAM machine without the silicon")
    .version(version)
    .configureOutput({ outputError: (text, write) => write(inOneLine(text)) })
    .configureHelp(HELP)
    .enablePositionalOptions()
    .exitOverride();
  for (const [heading, commands] of GROUPS) {
    mpam.commandsGroup(heading);
    for (const add of commands) add(mpam);
  }
  mpam.helpCommand(true);
  mpam.addHelpText("after", ({ command }) => `\nExit codes:\n${exitCodes(command)}`);
  return example(mpam, "mpam demo", "mpam init mine.yaml", "mpam probe mine.yaml");
}
