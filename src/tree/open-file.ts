// An open text file: reads see one snapshot of the text, a write is one command.

import { ErrnoError } from "../errno/index.ts";
import { toByteString, toBytes } from "./bytes.ts";
import type { Caller } from "./caller.ts";
import { pathOf, type TextFile } from "./node.ts";

/** What a file is opened for. */
export interface Access {
  readonly read: boolean;
  readonly write: boolean;
}

/** An open file: reads go on in one snapshot of the text, a write is one command. */
export class OpenFile {
  #snapshot: string | undefined;
  /** Where the last read ended. */
  #next = 0;

  constructor(
    /** What is open. */
    readonly file: TextFile,
    /** What it was opened for. */
    readonly access: Access,
    /** Who opened it. */
    readonly caller: Caller,
    private readonly maxWriteBytes: number,
  ) {}

  /** Whether a read there goes on in the text there is, and does not make it anew: only where the last one ended, as seq_file does it. */
  continues(offset: number): boolean {
    return offset !== 0 && offset === this.#next && this.#snapshot !== undefined;
  }

  /** The text that reads go on in. */
  get snapshot(): string | undefined {
    return this.#snapshot;
  }

  // Who reads or writes may be another than who opened: a file that is open can be handed on.

  /** The whole text, made anew. A byte string. */
  async text(caller: Caller = this.caller): Promise<string> {
    this.#check(this.access.read, "reading");
    const text = await this.file.content.read(caller);
    this.#snapshot = text;
    return text;
  }

  /** Some bytes. What is left of a text can be read although the file has been removed. */
  async read(offset: number, length: number, caller: Caller = this.caller): Promise<Uint8Array> {
    const left = this.continues(offset) ? this.#snapshot?.slice(offset) : undefined;
    if (!left) this.#check(this.access.read, "reading");
    const text = left ?? (await this.text(caller)).slice(offset);
    const bytes = toBytes(text.slice(0, length));
    this.#next = offset + bytes.length;
    return bytes;
  }

  /** One write is one command, wherever the file position is. Returns the number of bytes taken: as a rule all of them. */
  async write(data: string | Uint8Array, caller: Caller = this.caller): Promise<number> {
    this.#check(this.access.write, "writing");
    const bytes = toByteString(data);
    if (bytes.length > this.maxWriteBytes) {
      const path = pathOf(this.file);
      throw new ErrnoError("E2BIG", `${path}: ${bytes.length} bytes in one write; at most ${this.maxWriteBytes}`);
    }
    return (await this.file.content.write?.(bytes, caller)) ?? bytes.length;
  }

  #check(opened: boolean, what: string): void {
    if (!opened) throw new ErrnoError("EBADF", `${this.file.name}: not open for ${what}`);
    if (this.file.removed || this.file.parent?.removed)
      throw new ErrnoError("ENODEV", `${this.file.name}: its directory has been removed`);
  }
}
