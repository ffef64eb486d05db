// Numbers in text, up to 64 bits: in two halves, because a double holds 53.

/** The value of a hexadecimal digit by its character, or -1. */
const DIGITS = Int8Array.from({ length: 256 }, (_, c) =>
  c >= 48 && c <= 57 ? c - 48 : c >= 97 && c <= 102 ? c - 87 : c >= 65 && c <= 70 ? c - 55 : -1,
);

/** The number read last. One object per parser: nothing is allocated per record. */
export class TextNumber {
  high = 0;
  low = 0;

  /** Reads hexadecimal digits from `start` and returns where they end: `start` when there are none. */
  hex(text: Uint8Array, start: number, end: number): number {
    let at = start;
    let high = 0;
    let low = 0;
    for (; at < end; at++) {
      const digit = DIGITS[text[at] as number] as number;
      if (digit < 0) break;
      if (high >>> 28 !== 0) throw tooLong(text, start, end);
      high = ((high << 4) | (low >>> 28)) >>> 0;
      low = ((low << 4) | digit) >>> 0;
    }
    this.high = high;
    this.low = low;
    return at;
  }

  /** Reads decimal digits, as `hex` does. */
  decimal(text: Uint8Array, start: number, end: number): number {
    let at = start;
    let high = 0;
    let low = 0;
    for (; at < end; at++) {
      const digit = (text[at] as number) - 48;
      if (!(digit >= 0 && digit <= 9)) break;
      const next = low * 10 + digit;
      low = next >>> 0;
      high = high * 10 + Math.floor(next / 2 ** 32);
      if (high > 0xffffffff) throw tooLong(text, start, end);
    }
    this.high = high;
    this.low = low;
    return at;
  }

  /** Reads hexadecimal digits behind 0x, else decimal ones. */
  either(text: Uint8Array, start: number, end: number): number {
    const at = pastPrefix(text, start, end);
    if (at === start) return this.decimal(text, start, end);
    const past = this.hex(text, at, end);
    return past === at ? start : past;
  }

  /** The value where it fits a double exactly, else Infinity. */
  get value(): number {
    return this.high > 0x1f_ffff ? Number.POSITIVE_INFINITY : this.high * 2 ** 32 + this.low;
  }
}

/** Where the digits begin: behind 0x, if it is there. */
export function pastPrefix(text: Uint8Array, start: number, end: number): number {
  return end - start > 2 && text[start] === 48 && ((text[start + 1] as number) | 32) === 120 ? start + 2 : start;
}

function tooLong(text: Uint8Array, start: number, end: number): Error {
  let last = start;
  while (last < end && (DIGITS[text[last] as number] as number) >= 0) last++;
  const shown = shorten(new TextDecoder().decode(text.subarray(start, Math.min(last, start + 41))));
  return new Error(`the number ${shown} is too long: 64 bits hold at most 18446744073709551615 (0xffffffffffffffff)`);
}

/** Text of a file for a message: one line, of a length that can be read. */
export function shorten(text: string, most = 40): string {
  return text.length > most ? `${text.slice(0, most)}...` : text;
}
