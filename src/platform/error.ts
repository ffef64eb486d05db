// A platform that was refused.

import { WrittenError } from "../written/index.ts";

/** The message has one line for each problem, in file order. */
export class PlatformError extends WrittenError {
  /** "PlatformError". */
  override readonly name = "PlatformError";
}
