// Sets of cpus as text: hexadecimal words and lists of ranges, as the files cpus and cpus_list show and take them.

import { type ErrnoCode, ErrnoError } from "../errno/index.ts";
import { formatBitmapList, type ListRules, parseBitmapList } from "../tree/index.ts";

/** Words of 32 bits separated by commas, zero padded to the number of cpus. */
export function formatMask(cpus: ReadonlySet<number>, count: number): string {
  const words: string[] = [];
  for (let first = 0; first < count; first += 32) {
    let word = 0;
    for (let bit = 0; bit < 32; bit++) if (cpus.has(first + bit)) word += 2 ** bit;
    const digits = Math.ceil(Math.min(32, count - first) / 4);
    words.unshift(word.toString(16).padStart(digits, "0"));
  }
  return words.join(",");
}

/** Runs of two or more as a-b, ascending. */
export function formatList(cpus: ReadonlySet<number>): string {
  const bits = Array.from({ length: Math.max(-1, ...cpus) + 1 }, (_, cpu) => cpus.has(cpu));
  return formatBitmapList(bits).trimEnd();
}

/**
 * The text up to the first newline, read from its end, as the kernel does: the first thing wrong from there counts. EOVERFLOW: a
 * word of more than 32 bits, or cpus that cannot exist.
 */
export function parseMask(text: string, count: number): Set<number> | ErrnoCode {
  const words = firstLine(text)
    .split(SEPARATORS)
    .filter((word) => word !== "");
  const cpus = new Set<number>();
  for (const [place, word] of words.reverse().entries()) {
    if (place * 32 >= count) return "EOVERFLOW";
    if (!HEX.test(word.slice(-8))) return "EINVAL";
    if (word.length > 8) return HEX.test(word.slice(-9, -8)) ? "EOVERFLOW" : "EINVAL";
    const value = Number.parseInt(word, 16);
    for (let bit = 0; bit < 32; bit++) if (value & (1 << bit)) cpus.add(place * 32 + bit);
  }
  return [...cpus].some((cpu) => cpu >= count) ? "EOVERFLOW" : cpus;
}

const HEX = /^[0-9a-f]+$/i;
const SEPARATORS = /[, \t\v\f\r\xa0]+/;

/** Numbers, ranges a-b, ranges with a pattern a-b:used/group, `N` for the last cpu, `all`. An empty list is an empty set. */
export function parseList(
  text: string,
  count: number,
  rules: Pick<ListRules, "newlineAfterPattern"> = {},
): Set<number> | ErrnoCode {
  try {
    const bits = parseBitmapList(text, { ...rules, bits: count });
    return new Set(bits.flatMap((is, cpu) => (is ? [cpu] : [])));
  } catch (error) {
    if (error instanceof ErrnoError) return error.code;
    throw error;
  }
}

function firstLine(text: string): string {
  const [line = ""] = text.split(/[\n\0]/, 1);
  return line;
}
