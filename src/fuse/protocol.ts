// Requests of the kernel: from bytes to what is asked. Little endian, a header of 40 bytes, then a body that the opcode
// decides. Nothing here has state, and what is not a request is refused, never guessed at.

import { ErrnoError } from "../errno/index.ts";
import { nameOf } from "./names.ts";
import { OPCODES } from "./opcodes.ts";

export interface Header {
  readonly opcode: number;
  /** Number of the request, as two words: the reply gives them back. */
  readonly uniqueLow: number;
  readonly uniqueHigh: number;
  readonly node: number;
  readonly uid: number;
  readonly gid: number;
  /** Thread id of the caller. */
  readonly pid: number;
}

export const HEADER_BYTES = 40;

/** Fields of a body, in order. Each step refuses with EINVAL when the body ends before. */
export class Body {
  #at = HEADER_BYTES;
  readonly #view: DataView;

  constructor(private readonly bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  /** Past 2^53 the nearest number. */
  u64(): number {
    const at = this.#take(8);
    return this.#view.getUint32(at, true) + this.#view.getUint32(at + 4, true) * 2 ** 32;
  }

  /** Seconds of a time, which may lie before 1970. */
  i64(): number {
    const at = this.#take(8);
    return this.#view.getUint32(at, true) + this.#view.getInt32(at + 4, true) * 2 ** 32;
  }

  skip(bytes: number): void {
    this.#take(bytes);
  }

  /** A name and the zero after it. EINVAL where it is empty or a path. */
  name(): string {
    const end = this.bytes.indexOf(0, this.#at);
    if (end < 0) throw new ErrnoError("EINVAL", "a name without its end");
    const name = nameOf(this.bytes.subarray(this.#at, end));
    this.#at = end + 1;
    if (name === "" || name.includes("/")) throw new ErrnoError("EINVAL", `no name of a file: "${name}"`);
    return name;
  }

  data(length: number): Uint8Array {
    const at = this.#take(length);
    return this.bytes.subarray(at, at + length);
  }

  #take(length: number): number {
    const at = this.#at;
    if (at + length > this.bytes.length) {
      throw new ErrnoError("EINVAL", `a request of ${this.bytes.length} bytes, and ${at + length} are meant`);
    }
    this.#at += length;
    return at;
  }
}

/** Undefined where the bytes are too few to say which request they are. */
export function headerOf(bytes: Uint8Array): Header | undefined {
  if (bytes.length < HEADER_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, HEADER_BYTES);
  return {
    opcode: view.getUint32(4, true),
    uniqueLow: view.getUint32(8, true),
    uniqueHigh: view.getUint32(12, true),
    node: view.getUint32(16, true) + view.getUint32(20, true) * 2 ** 32,
    uid: view.getUint32(24, true),
    gid: view.getUint32(28, true),
    pid: view.getUint32(32, true),
  };
}

/** Whether the header's length is that of the request. */
export function isWhole(bytes: Uint8Array): boolean {
  return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true) === bytes.length;
}

/** The number of a request in one word, for those who look for it. */
export function numberOf({ uniqueLow, uniqueHigh }: Header): number {
  return uniqueLow + uniqueHigh * 2 ** 32;
}

const SILENT: ReadonlySet<number> = new Set([OPCODES.FORGET, OPCODES.BATCH_FORGET, OPCODES.INTERRUPT]);

/** Requests that nobody waits for. */
export function wantsReply(opcode: number): boolean {
  return !SILENT.has(opcode);
}
