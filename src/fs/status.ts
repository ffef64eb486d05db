// What info/last_cmd_status says: the texts of the last command, in a buffer of 512 bytes (resctrl-fs.md section 3).

import { type ErrnoCode, ErrnoError } from "../errno/index.ts";
import { fromByteString, toByteString } from "../tree/index.ts";

/** 512 bytes with the end mark. */
const MOST_BYTES = 511;

export interface SavedStatus {
  readonly text: string;
  readonly truncated: boolean;
}

export class CommandStatus {
  #text = "";
  #truncated = false;

  clear(): void {
    this.#text = "";
    this.#truncated = false;
  }

  /** What the file reads. A cut text is marked, with no newline in between. */
  get shown(): string {
    return this.#text === "" ? "ok\n" : this.#text + (this.#truncated ? "[truncated]\n" : "");
  }

  /** Appends a text without variable parts: dropped whole when it does not fit. */
  fixed(text: string): void {
    if (this.#truncated) return;
    if (this.#text.length + text.length > MOST_BYTES) this.#truncated = true;
    else this.#text += text;
  }

  /** Appends a text with variable parts: what fits is kept. */
  formatted(text: string): void {
    if (this.#truncated) return;
    this.#truncated = this.#text.length + text.length > MOST_BYTES;
    this.#text = (this.#text + text).slice(0, MOST_BYTES);
  }

  /** Appends a fixed text and makes the error that carries it. */
  refuse(code: ErrnoCode, text: string, message: string): ErrnoError {
    this.fixed(text);
    return this.error(code, message);
  }

  /** Appends a formatted text and makes the error that carries it. */
  refuseFormatted(code: ErrnoCode, text: string, message: string): ErrnoError {
    this.formatted(text);
    return this.error(code, message);
  }

  /** An error that this command says nothing of, and before which nothing was emptied: the text is that of an earlier one. */
  silent(code: ErrnoCode, message: string): ErrnoError {
    return new ErrnoError(code, fromByteString(message));
  }

  /** An error with everything this command has said so far. */
  error(code: ErrnoCode, message: string): ErrnoError {
    const status = this.#text === "" ? {} : { status: fromByteString(this.#text) };
    return new ErrnoError(code, fromByteString(message), status);
  }

  /** A refusal from below, with a fixed text of this command added to it. */
  because(cause: ErrnoError, text: string): ErrnoError {
    return this.refuse(cause.code, text, toByteString(cause.message.slice(cause.code.length + 2)));
  }

  save(): SavedStatus {
    return { text: this.#text, truncated: this.#truncated };
  }

  restore(saved: SavedStatus): void {
    this.#text = saved.text;
    this.#truncated = saved.truncated;
  }
}
