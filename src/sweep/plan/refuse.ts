// How what checks a plan tells what is wrong, and how the words of others come to be told so.

import { type Path, UsageError } from "../../written/index.ts";

/** Tells what is wrong at a place; `part` is which of a key and its value is meant. */
export type Refuse = (path: Path, found: string, allowed: string, part?: "key" | "value") => undefined;

/** What refuses a text names the place by an option; a file has lines and columns. */
export function trying<T>(refuse: Refuse, path: Path, read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Error) || !(error instanceof UsageError || "errno" in error)) throw error;
    const said = error.message.replace(/^E[A-Z0-9]+: /, "");
    return refuse(path, `is refused: ${said}`, "as for mpam replay");
  }
}
