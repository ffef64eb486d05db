// Sets of cpus as text: hexadecimal words and lists of ranges, as the files cpus and cpus_list show and take them.

import type { ErrnoCode } from "../errno/index.ts";

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
  const runs: string[] = [];
  const sorted = [...cpus].sort((a, b) => a - b);
  for (let at = 0; at < sorted.length; ) {
    let end = at;
    while (sorted[end + 1] === (sorted[end] ?? 0) + 1) end++;
    runs.push(end === at ? `${sorted[at]}` : `${sorted[at]}-${sorted[end]}`);
    at = end + 1;
  }
  return runs.join(",");
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
const REGION = /^(?:([0-9]+|N)(?:-([0-9]+|N)(?::([0-9]+)\/([0-9]+))?)?|all(?::([0-9]+)\/([0-9]+))?)$/i;
const SEPARATORS = /[, \t\v\f\r\xa0]+/;

/** Numbers, ranges a-b, ranges with a pattern a-b:used/group, `N` for the last cpu, `all`. An empty list is an empty set. */
export function parseList(text: string, count: number): Set<number> | ErrnoCode {
  const cpus = new Set<number>();
  for (const region of firstLine(text).split(SEPARATORS)) {
    if (region === "") continue;
    const match = REGION.exec(region);
    if (match === null || /n/.test(region)) return "EINVAL";
    const [, from, to, used, group, allUsed, allGroup] = match;
    const start = from === undefined ? 0 : numberIn(from, count);
    const end = from === undefined ? count - 1 : numberIn(to ?? from, count);
    const period = Number(group ?? allGroup ?? 1);
    const taken = Number(used ?? allUsed ?? 1);
    if ([start, end, period, taken].some((n) => n > 0xffff_ffff)) return "EOVERFLOW";
    if (start > end || period === 0 || taken > period) return "EINVAL";
    if (end >= count) return "ERANGE";
    for (let cpu = start; cpu <= end; cpu++) if ((cpu - start) % period < taken) cpus.add(cpu);
  }
  return cpus;
}

function numberIn(text: string, count: number): number {
  return text === "N" ? count - 1 : Number(text);
}

function firstLine(text: string): string {
  const [line = ""] = text.split(/[\n\0]/, 1);
  return line;
}
