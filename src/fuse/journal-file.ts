// The journal as a file: one line of JSON for each operation.

import { closeSync, openSync, writeFileSync } from "node:fs";
import { type ErrnoCode, ErrnoError, NUMBERS } from "../errno/index.ts";
import type { JournalEntry } from "./journal.ts";
import { say } from "./say.ts";

export class JournalFile {
  readonly #descriptor: number;
  #cut = false;

  /** Throws what the file cannot be opened with. */
  constructor(private readonly path: string) {
    try {
      this.#descriptor = openSync(path, "w");
    } catch (cause) {
      const { code = "" } = cause as NodeJS.ErrnoException;
      throw new ErrnoError(code in NUMBERS ? (code as ErrnoCode) : "EIO", `journal ${path}: cannot be written`, {
        cause,
      });
    }
  }

  /** A disk that is full stops the journal, and not the tree. */
  write(entry: JournalEntry): void {
    if (this.#cut) return;
    try {
      writeFileSync(this.#descriptor, `${JSON.stringify(entry)}\n`);
    } catch (error) {
      this.#cut = true;
      say(`mpam: journal ${this.path}: cannot be written any more (${(error as NodeJS.ErrnoException).code})`);
    }
  }

  /** Throws where operations are missing in it. */
  close(): void {
    closeSync(this.#descriptor);
    if (this.#cut) throw new Error(`the journal ${this.path} is not whole`);
  }
}
