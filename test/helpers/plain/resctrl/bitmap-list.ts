// A list of bits as the kernel reads it (more.md section 4.4): `0-3,8`, `8-N`, `all:1/2`.

import type { ErrnoCode } from "../../../../src/errno/index.ts";
import type { CpuSet } from "./text.ts";

const SEPARATORS = /^[ \t\v\f\r\u00a0,]*/;
const SEPARATORS_AND_NEWLINES = /^[ \t\n\v\f\r\u00a0,]*/;

const NUMBER = "(?:[0-9]+|N)";
const ALL = "[Aa][Ll][Ll]";
/** Only what is more than one bit can have a pattern. A separator or the end has to follow. */
const REGION = new RegExp(
  [
    `^(?:(?<single>${NUMBER})`,
    `|(?:${ALL}|(?<first>${NUMBER})-(?<last>${NUMBER}))(?<pattern>:(?<used>${NUMBER})/(?<group>${NUMBER}))?)`,
    "(?=[ \\t\\n\\v\\f\\r\\u00a0,]|$)",
  ].join(""),
);

type Region = { readonly bits: readonly number[] } | { readonly errno: ErrnoCode };

export interface ListOddities {
  /** Behind a pattern a newline is one more separator; otherwise it ends the list there too. */
  readonly newlineAfterPattern: boolean;
}

/** `count`: how many bits there are; N is the last. What is no region, or no possible one, is told of the first such. */
export function parseList(text: string, count: number, { newlineAfterPattern }: ListOddities): CpuSet {
  const set = new Set<number>();
  let separators = SEPARATORS;
  for (let rest = text; ; ) {
    rest = rest.replace(separators, "");
    if (rest === "" || rest.startsWith("\n")) return { cpus: [...set].sort((a, b) => a - b) };
    const match = REGION.exec(rest);
    if (!match) return { errno: "EINVAL" };
    const region = parseRegion(match.groups!, count);
    if ("errno" in region) return region;
    for (const bit of region.bits) set.add(bit);
    const patterned = match.groups!.pattern !== undefined;
    separators = patterned && newlineAfterPattern ? SEPARATORS_AND_NEWLINES : SEPARATORS;
    rest = rest.slice(match[0].length);
  }
}

function parseRegion(texts: Readonly<Record<string, string | undefined>>, count: number): Region {
  const number = (text: string) => (text === "N" ? count - 1 : Number(text));
  // Of `all` there is neither.
  const first = number(texts.single ?? texts.first ?? "0");
  const last = number(texts.single ?? texts.last ?? "N");
  const used = number(texts.used ?? "1");
  const group = number(texts.group ?? "1");
  if ([first, last, used, group].some((value) => value >= 2 ** 32)) return { errno: "EOVERFLOW" };
  if (first > last || group === 0 || used > group) return { errno: "EINVAL" };
  if (last >= count) return { errno: "ERANGE" };
  const bits: number[] = [];
  for (let bit = first; bit <= last; bit++) if ((bit - first) % group < used) bits.push(bit);
  return { bits };
}
