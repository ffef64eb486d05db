// Sets of bits as a kernel lists them: "0-3,7". Cpus of groups, and portions of a cache for Android (more.md 4.4).

import { type ErrnoCode, ErrnoError } from "../errno/index.ts";
import { untilNul } from "./text.ts";

/** Bits, lowest first. */
export type Bits = readonly boolean[];

/** One region of a list: of each `group` bits from `first` to `last` the first `used`. */
interface Region {
  readonly first: bigint;
  readonly last: bigint;
  readonly used: bigint;
  readonly group: bigint;
}

export interface ListRules {
  /** How many bits there are. */
  readonly bits: number;
  /** After used/group a newline separates, and does not end the text. */
  readonly newlineAfterPattern?: boolean;
}

/** Blanks of the kernel, but for the newline, and commas. */
const SEPARATOR = /[ \t\v\f\r\xa0,]/;
const REGION = /^(?:([aA][lL][lL])|(\d+|N)(?:-(\d+|N))?)(?::(\d+|N)\/(\d+|N))?$/;
const MOST = 2n ** 32n - 1n;

/** Runs as a-b, single bits as a; a newline at the end. */
export function formatBitmapList(bits: Bits): string {
  const runs: string[] = [];
  for (let at = 0; at < bits.length; at++) {
    if (!bits[at]) continue;
    const first = at;
    while (bits[at + 1]) at++;
    runs.push(first === at ? `${first}` : `${first}-${at}`);
  }
  return `${runs.join(",")}\n`;
}

/** EINVAL, EOVERFLOW, ERANGE: the first region that is wrong decides. An empty list has no bit. */
export function parseBitmapList(written: string, rules: ListRules): Bits {
  const text = untilNul(written);
  const bits = new Array<boolean>(rules.bits).fill(false);
  let at = 0;
  let pattern = false;
  for (;;) {
    const isSeparator = (char: string) => SEPARATOR.test(char) || (char === "\n" && pattern);
    while (at < text.length && isSeparator(text[at] as string)) at++;
    if (at >= text.length || text[at] === "\n") return bits;
    const end = endOfRegion(text, at);
    const region = regionIn(text.slice(at, end), rules.bits);
    for (let bit = region.first; bit <= region.last; bit++) {
      if ((bit - region.first) % region.group < region.used) bits[Number(bit)] = true;
    }
    pattern = rules.newlineAfterPattern === true && text.slice(at, end).includes(":");
    at = end;
  }
}

function endOfRegion(text: string, from: number): number {
  let end = from;
  while (end < text.length && text[end] !== "\n" && !SEPARATOR.test(text[end] as string)) end++;
  return end;
}

function regionIn(word: string, count: number): Region {
  const match = REGION.exec(word);
  const [, all, first, last, used, group] = match ?? [];
  const isPatternOfOne = used !== undefined && all === undefined && last === undefined;
  if (!match || isPatternOfOne) {
    throw refusal("EINVAL", word, "a, a-b, all, a-b:used/group, with commas between, are allowed");
  }
  const value = (digits: string) => (digits === "N" ? BigInt(count - 1) : BigInt(digits));
  const region = {
    first: all === undefined ? value(first as string) : 0n,
    last: all === undefined ? value(last ?? (first as string)) : BigInt(count - 1),
    used: used === undefined ? 1n : value(used),
    group: group === undefined ? 1n : value(group),
  };
  if (Object.values(region).some((number) => number > MOST)) {
    throw refusal("EOVERFLOW", word, "a number has 32 bits at most");
  }
  if (region.first > region.last) throw refusal("EINVAL", word, "a range goes up");
  if (region.group === 0n || region.used > region.group) {
    throw refusal("EINVAL", word, "of each group, of one or more, no more than all bits are used");
  }
  if (region.last >= BigInt(count)) throw refusal("ERANGE", word, `bits are 0 to ${count - 1}`);
  return region;
}

function refusal(code: ErrnoCode, word: string, allowed: string): ErrnoError {
  return new ErrnoError(code, `"${word}": ${allowed}`);
}
