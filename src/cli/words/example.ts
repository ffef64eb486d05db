// The end of each command's help: lines that can be run where the repository lies. test/cli/examples.test.ts runs them.

import type { Command } from "commander";

/** Lines of one example, run in their order. Commands without one fail the test. */
export function example(command: Command, ...lines: readonly string[]): Command {
  return command.addHelpText("after", `\nExample:\n${lines.map((line) => `  ${line}`).join("\n")}`);
}
