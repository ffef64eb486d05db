// Steps whose failure is told in the log, because nobody above could do anything about it.

import { messageOf } from "../errno/index.ts";
import type { Log } from "./needs.ts";

export async function logged(log: Log, what: string, step: () => Promise<void> | void): Promise<void> {
  try {
    await step();
  } catch (error) {
    log("error", `${what} failed: ${messageOf(error)}`);
  }
}
