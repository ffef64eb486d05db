// Bytes of a table: little endian, and no access outside of them. What is refused says where.

import { ErrnoError } from "../../errno/index.ts";
import { placeOf } from "../finding.ts";

export const hex = (value: number | bigint, digits = 0): string => `0x${value.toString(16).padStart(digits, "0")}`;

/** EINVAL: in which table, at which offset, what is there, what would be right. */
export function refusal(table: string, at: number, what: string, right: string): ErrnoError {
  return new ErrnoError("EINVAL", `${placeOf(table, at)}: ${what}; ${right}`);
}

export class TableBytes {
  readonly length: number;
  readonly #view: DataView;

  constructor(
    /** Signature: for messages. */
    readonly table: string,
    readonly bytes: Uint8Array,
  ) {
    this.length = bytes.length;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** 1 to 6 bytes. */
  number(at: number, bytes: number): number {
    this.#within(at, bytes);
    if (bytes === 4) return this.#view.getUint32(at, true);
    if (bytes === 2) return this.#view.getUint16(at, true);
    let value = 0;
    for (let index = bytes - 1; index >= 0; index--) value = value * 256 + this.#view.getUint8(at + index);
    return value;
  }

  /** 8 bytes. */
  wide(at: number): bigint {
    this.#within(at, 8);
    return this.#view.getBigUint64(at, true);
  }

  /** One character for each byte, without the NULs at the end. */
  text(at: number, bytes: number): string {
    this.#within(at, bytes);
    let end = at + bytes;
    while (end > at && this.bytes[end - 1] === 0) end--;
    return String.fromCharCode(...this.bytes.subarray(at, end));
  }

  #within(at: number, bytes: number): void {
    if (at >= 0 && at + bytes <= this.length) return;
    throw refusal(this.table, at, `${bytes} bytes are wanted here`, `the table has ${this.length}`);
  }
}
