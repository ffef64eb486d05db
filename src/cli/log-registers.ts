// --log-registers: every register access that a filter lets through, as a line on standard error.

import { type AccessFilter, formatAccess, type Machine, parseAccessFilter } from "../machine/index.ts";
import { UsageError } from "../written/index.ts";

/** Before anything runs, so that a wrong filter costs nothing. */
export function parseLogRegisters(text: string | undefined): AccessFilter | undefined {
  return text === undefined ? undefined : usage(() => parseAccessFilter(text));
}

/** @param say Told each line. The result ends that. */
export function logRegisters(
  machine: Machine,
  filter: AccessFilter,
  say: (line: string) => void = (line) => process.stderr.write(`${line}\n`),
): () => void {
  return usage(() => machine.log(filter, (access) => say(formatAccess(access))));
}

function usage<T>(step: () => T): T {
  try {
    return step();
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(`--log-registers: ${error.message}`, { cause: error });
    throw error;
  }
}
