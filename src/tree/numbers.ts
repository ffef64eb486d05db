// Numbers as the kernel reads them from text: an optional plus, no blanks, one newline tolerated at the end.

export type NumberError = "EINVAL" | "ERANGE";

const DIGITS = { 8: /^[0-7]+/, 10: /^[0-9]+/, 16: /^[0-9a-fA-F]+/ } as const;
const PREFIX = { 8: "0o", 10: "", 16: "0x" } as const;
const MAX_64 = 2n ** 64n - 1n;

/** Base 0 goes by the prefix, as in C: 0x is hexadecimal, 0 octal. */
export function parseUnsigned(text: string, base: 0 | 10 | 16, bits: 32 | 64): bigint | NumberError {
  return magnitude(text.startsWith("+") ? text.slice(1) : text, base, 2n ** BigInt(bits) - 1n);
}

export function parseInt32(text: string, base: 0 | 10 | 16): number | NumberError {
  const negative = text.startsWith("-");
  const value = negative ? magnitude(text.slice(1), base, 2n ** 31n) : parseUnsigned(text, base, 32);
  if (typeof value === "string") return value;
  if (!negative && value >= 2n ** 31n) return "ERANGE";
  return Number(negative ? -value : value);
}

/** y, t, e, 1 or on; n, f, d, 0 or off, in either case. Only the beginning counts. Undefined: neither. */
export function parseBool(text: string): boolean | undefined {
  if (/^([yte1]|on)/i.test(text)) return true;
  if (/^([nfd0]|of)/i.test(text)) return false;
  return undefined;
}

function magnitude(text: string, base: 0 | 10 | 16, most: bigint): bigint | NumberError {
  const radix = base === 0 ? radixOf(text) : base;
  const body = radix === 16 ? text.replace(/^0x/i, "") : text;
  const digits = DIGITS[radix].exec(body)?.[0];
  if (digits === undefined) return "EINVAL";
  const value = BigInt(PREFIX[radix] + digits);
  if (value > MAX_64) return "ERANGE";
  if (body !== digits && body !== `${digits}\n`) return "EINVAL";
  return value > most ? "ERANGE" : value;
}

function radixOf(text: string): 8 | 10 | 16 {
  if (/^0x[0-9a-f]/i.test(text)) return 16;
  return text.startsWith("0") ? 8 : 10;
}
