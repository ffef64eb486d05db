// The registers that a list shows: those that are there, in groups, an array word by word.

import { REGISTERS, type Register } from "../../../machine/index.ts";
import { meaningOf, type RegisterGroup, type RegisterMeaning } from "../../../meaning/index.ts";

export interface Row {
  /** As MPAMCFG_CPBM3 in an array. */
  readonly name: string;
  readonly register: Register;
  readonly meaning: RegisterMeaning;
  /** Of its words, low first. */
  readonly offsets: readonly number[];
}

export const GROUPS: readonly RegisterGroup[] = [
  "selectors",
  "configuration",
  "monitors",
  "errors and interrupts",
  "identification",
];

/** Words of an array that are shown. */
export const MOST_WORDS = 64;

/** @param there how many of each are there, by name. */
export function rowsOf(there: ReadonlyMap<string, number>): Row[] {
  return REGISTERS.flatMap((register) => {
    const { name, offset, width, count } = register;
    const meaning = meaningOf(name);
    const words = Math.min(there.get(name) ?? 0, MOST_WORDS);
    return Array.from({ length: words }, (_, n): Row => {
      const at = offset + 4 * n;
      return { name: count > 1 ? `${name}${n}` : name, register, meaning, offsets: width === 64 ? [at, at + 4] : [at] };
    });
  });
}

/** By name, field, or words of their meanings; all the words that are asked for. */
export function filtered(rows: readonly Row[], text: string): Row[] {
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  return rows.filter(({ name, meaning }) => {
    const said = [name, meaning.meaning, meaning.group, ...Object.entries(meaning.fields).flat()]
      .join(" ")
      .toLowerCase();
    return words.every((word) => said.includes(word));
  });
}
