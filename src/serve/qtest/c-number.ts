// Numbers as C writes them and strtoull reads them: 0x1f, 037, 31, and -1 for the largest of all.

import { ErrnoError } from "../../errno/index.ts";

const ALL = 2n ** 64n;

/** Throws EINVAL for what is no number, ERANGE for what 64 bits do not hold. `what` is what stands there. */
export function cNumber(what: string, text: string): bigint {
  const [, sign, hexadecimal, octal, decimal] = /^([+-]?)(?:0x([0-9a-f]+)|0([0-7]*)|([1-9][0-9]*))$/i.exec(text) ?? [];
  const digits = hexadecimal ?? octal ?? decimal;
  if (digits === undefined) {
    throw new ErrnoError("EINVAL", `${what} '${shown(text)}': a number as in C is needed, such as 0x1f, 037 or 31`);
  }
  // Whoever sends more digits than any number of 64 bits has waits for no arithmetic.
  if (digits.replace(/^0+/, "").length > 22) throw tooLarge(what, text);
  const prefix = hexadecimal !== undefined ? "0x" : octal !== undefined ? "0o" : "";
  const value = BigInt(`${prefix}${digits === "" ? "0" : digits}`);
  if (value >= ALL) throw tooLarge(what, text);
  return sign === "-" ? BigInt.asUintN(64, -value) : value;
}

/** The same as a number of at most `most`. */
export function smallNumber(what: string, text: string, most: number = Number.MAX_SAFE_INTEGER): number {
  const value = cNumber(what, text);
  if (value > BigInt(most)) throw new ErrnoError("ERANGE", `${what} ${shown(text)}: ${most} at most`);
  return Number(value);
}

/** A value of so many bytes; negative ones are those of its signed type. */
export function writtenValue(text: string, bytes: number): bigint {
  const value = cNumber("VALUE", text);
  const bits = BigInt(8 * bytes);
  if (value < 1n << bits || value >= ALL - (1n << (bits - 1n))) return BigInt.asUintN(8 * bytes, value);
  throw new ErrnoError("ERANGE", `VALUE ${shown(text)}: it does not fit in ${bytes} bytes`);
}

function tooLarge(what: string, text: string): ErrnoError {
  return new ErrnoError("ERANGE", `${what} ${shown(text)}: it does not fit in 64 bits`);
}

/** What somebody sent, as a message can have it. */
export function shown(text: string): string {
  const printable = text.replace(/[^ -~]/g, "?");
  return printable.length > 40 ? `${printable.slice(0, 40)}...` : printable;
}
