// Answers that may be refusals: an error thrown in a worker would arrive without its code.

import { ErrnoError } from "../../errno/index.ts";
import type { Reply } from "./protocol.ts";

/** @param status What last_cmd_status says then, where the operation was one of the tree. */
export async function replyOf<T>(work: () => T | Promise<T>, status?: () => Promise<string>): Promise<Reply<T>> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    return refused(error, (await status?.()) ?? "");
  }
}

export function refused(error: unknown, status = ""): Reply<never> {
  const code = error instanceof ErrnoError ? error.code : "ERROR";
  const message = error instanceof Error ? error.message : String(error);
  return { ok: false, code, message, status };
}
