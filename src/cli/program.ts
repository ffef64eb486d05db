// One run of mpam, and what becomes of its errors.

import { CommanderError } from "commander";
import { program } from "./commands.ts";
import { version } from "./version.ts";

/**
 * Runs one command line; answers the exit code: 0, 2 for input that has to change, 1 for everything else. A command may have set
 * another one as that of the process.
 */
export async function run(args: readonly string[]): Promise<number> {
  try {
    await program(version()).parseAsync(args, { from: "user" });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    const { exitCodeOf, explain } = await import("./failure.ts");
    process.stderr.write(`${explain(error)}\n`);
    return exitCodeOf(error);
  }
}
