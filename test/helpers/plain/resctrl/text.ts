// Text as the kernel reads it (resctrl-fs.md section 2): trimming, integers, booleans, sets of cpus.

import type { ErrnoCode } from "../../../../src/errno/index.ts";

const BLANKS = " \t\n\v\f\r\u00a0";

export function trimRight(text: string): string {
  let end = text.length;
  while (end > 0 && BLANKS.includes(text[end - 1]!)) end--;
  return text.slice(0, end);
}

export function trim(text: string): string {
  let start = 0;
  while (start < text.length && BLANKS.includes(text[start]!)) start++;
  return trimRight(text.slice(start));
}

/** Up to the first NUL. */
export function untilNul(text: string): string {
  const nul = text.indexOf("\0");
  return nul < 0 ? text : text.slice(0, nul);
}

/** What stands before the first separator, and what behind it; undefined: there is none. */
export function split(text: string, separator: string): [before: string, behind: string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

type Parsed = { readonly value: bigint } | { readonly errno: ErrnoCode };

/** An unsigned number of 64 bits: one "+", no blanks, one newline behind it. Base 0 is that of C. */
export function unsigned(text: string, base: 0 | 10 | 16): Parsed {
  let digits = text.startsWith("+") ? text.slice(1) : text;
  if (digits.endsWith("\n")) digits = digits.slice(0, -1);
  let radix: number = base;
  const prefixed = /^0x[0-9a-f]/i.test(digits);
  if (base === 0) radix = prefixed ? 16 : digits.startsWith("0") ? 8 : 10;
  if (radix === 16 && prefixed) digits = digits.slice(2);
  const allowed = { 8: /^[0-7]+$/, 10: /^[0-9]+$/, 16: /^[0-9a-f]+$/i }[radix]!;
  if (!allowed.test(digits)) return { errno: "EINVAL" };
  let value = 0n;
  for (const digit of digits) value = value * BigInt(radix) + BigInt(Number.parseInt(digit, 16));
  return value < 2n ** 64n ? { value } : { errno: "ERANGE" };
}

/** A signed number of 32 bits, base 0; undefined where it is none. */
export function int32(text: string): number | undefined {
  const minus = text.startsWith("-");
  if (minus && text[1] === "+") return undefined;
  const parsed = unsigned(minus ? text.slice(1) : text, 0);
  if (!("value" in parsed)) return undefined;
  const value = minus ? -parsed.value : parsed.value;
  return value >= -(2n ** 31n) && value < 2n ** 31n ? Number(value) : undefined;
}

/** By its first character, or on and off. */
export function boolean(text: string): boolean | undefined {
  const first = text.charAt(0);
  if (first !== "" && "yYtT1eE".includes(first)) return true;
  if (first !== "" && "nNfF0dD".includes(first)) return false;
  const two = text.slice(0, 2).toLowerCase();
  if (two === "on") return true;
  return two === "of" ? false : undefined;
}

export type CpuSet = { readonly cpus: readonly number[] } | { readonly errno: ErrnoCode };

/** Words of 32 bits in hex with commas between, the highest first. */
export function parseMask(text: string, possible: number): CpuSet {
  // Up to the first newline; any number of separators is one.
  const words = split(text, "\n")[0]
    .split(/[\s,]+/)
    .filter((word) => word !== "");
  let mask = 0n;
  // The last is the lowest, and looked at first.
  for (const [at, word] of words.reverse().entries()) {
    if (at >= Math.ceil(possible / 32)) return { errno: "EOVERFLOW" };
    if (!/^[0-9a-f]+$/i.test(word)) return { errno: "EINVAL" };
    if (word.length > 8) return { errno: "EOVERFLOW" };
    mask |= BigInt(`0x${word}`) << BigInt(32 * at);
  }
  if (mask >> BigInt(possible) !== 0n) return { errno: "EOVERFLOW" };
  return { cpus: range(possible).filter((cpu) => (mask >> BigInt(cpu)) & 1n) };
}

export function printMask(cpus: ReadonlySet<number>, possible: number): string {
  const words: string[] = [];
  for (let low = 0; low < possible; low += 32) {
    const bits = Math.min(32, possible - low);
    let word = 0;
    for (let bit = 0; bit < bits; bit++) if (cpus.has(low + bit)) word += 2 ** bit;
    words.unshift(word.toString(16).padStart(Math.ceil(bits / 4), "0"));
  }
  return `${words.join(",")}\n`;
}

export function printList(cpus: ReadonlySet<number>): string {
  const runs: [number, number][] = [];
  for (const cpu of [...cpus].sort((a, b) => a - b)) {
    const run = runs.at(-1);
    if (run && run[1] === cpu - 1) run[1] = cpu;
    else runs.push([cpu, cpu]);
  }
  return `${runs.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(",")}\n`;
}

export function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}
