// The commands of mpam, and what becomes of their errors.

import { Command, CommanderError } from "commander";
import { addDemo } from "./demo.ts";
import { exitCodeOf, explain } from "./failure.ts";
import { addProbe } from "./probe.ts";
import { addRecord } from "./record.ts";
import { addReplay } from "./replay.ts";
import { addTrace } from "./trace.ts";

export function program(): Command {
  const mpam = new Command("mpam")
    .description("an Arm MPAM machine without the silicon")
    .showHelpAfterError("(mpam --help lists what there is)")
    .exitOverride();
  addDemo(mpam);
  addReplay(mpam);
  addProbe(mpam);
  addRecord(addTrace(mpam));
  return mpam;
}

/** Runs one command line; answers the exit code: 0, 2 for input that has to change, 1 for everything else. */
export async function run(args: readonly string[]): Promise<number> {
  try {
    await program().parseAsync(args, { from: "user" });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    process.stderr.write(`${explain(error)}\n`);
    return exitCodeOf(error);
  }
}
