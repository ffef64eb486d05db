// How a command fails: one clear line on standard error, and an exit code that says whose fault it was.

import { type ErrnoCode, ErrnoError, messageOf } from "../errno/index.ts";
import { UsageError } from "../written/index.ts";

/** Ends with an exit code of its own. */
export class ExitError extends Error {
  constructor(
    readonly exitCode: number,
    message: string,
  ) {
    super(message);
  }
}

/** What files, traces and script lines are refused with. */
const INPUT: ReadonlySet<ErrnoCode> = new Set([
  "EINVAL",
  "ENOENT",
  "EACCES",
  "EISDIR",
  "ENOTDIR",
  "EEXIST",
  "EPERM",
  "ESRCH",
  "E2BIG",
]);

/** By name: an error that comes from another thread has lost its class. */
const WRITTEN_WRONGLY: ReadonlySet<string> = new Set(["WrittenError", "PlatformError", "RangeError", "TypeError"]);

/** 2 for input that has to change, 1 for everything else. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof ExitError) return error.exitCode;
  if (error instanceof UsageError) return 2;
  if (error instanceof ErrnoError) return INPUT.has(error.code) ? 2 : 1;
  return error instanceof Error && WRITTEN_WRONGLY.has(error.name) ? 2 : 1;
}

export function explain(error: unknown): string {
  const text = messageOf(error);
  return text.startsWith("mpam:") ? text : `mpam: ${text}`;
}
