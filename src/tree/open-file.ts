// An open text file: reads see one snapshot of the text, a write is one command.

import { ErrnoError } from "../errno/index.ts";
import { toByteString, toBytes } from "./bytes.ts";
import type { Caller } from "./caller.ts";
import { pathOf, type TextFile } from "./node.ts";

export interface Access {
  readonly read: boolean;
  readonly write: boolean;
}

export class OpenFile {
  #snapshot: string | undefined;

  constructor(
    readonly file: TextFile,
    readonly access: Access,
    readonly caller: Caller,
    private readonly maxWriteBytes: number,
  ) {}

  /** The whole text, made anew. A byte string. */
  async text(): Promise<string> {
    this.#check(this.access.read, "reading");
    const text = await this.file.content.read(this.caller);
    this.#snapshot = text;
    return text;
  }

  /** Some bytes. A read at offset 0 takes a new snapshot; others continue in the one there is. */
  async read(offset: number, length: number): Promise<Uint8Array> {
    this.#check(this.access.read, "reading");
    const text = offset === 0 || this.#snapshot === undefined ? await this.text() : this.#snapshot;
    return toBytes(text.slice(offset, offset + length));
  }

  /** One write is one command, wherever the file position is. Returns the number of bytes taken: all of them. */
  async write(data: string | Uint8Array): Promise<number> {
    this.#check(this.access.write, "writing");
    const bytes = toByteString(data);
    if (bytes.length > this.maxWriteBytes) {
      const path = pathOf(this.file);
      throw new ErrnoError("E2BIG", `${path}: ${bytes.length} bytes in one write; at most ${this.maxWriteBytes}`);
    }
    await this.file.content.write?.(bytes, this.caller);
    return bytes.length;
  }

  #check(opened: boolean, what: string): void {
    if (!opened) throw new ErrnoError("EBADF", `${this.file.name}: not open for ${what}`);
    if (this.file.removed) throw new ErrnoError("ENODEV", `${this.file.name}: its directory has been removed`);
  }
}
