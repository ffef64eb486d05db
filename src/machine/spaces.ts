// Address spaces by name and by the number that requests carry (MPAM_SP).

import type { Space } from "../platform/index.ts";

export const SPACE_NUMBERS: { readonly [space in Space]: number } = { s: 0, ns: 1, rt: 2, rl: 3 };

const NAMES: readonly Space[] = ["s", "ns", "rt", "rl"];

export function spaceNamed(number: number): Space {
  return NAMES[number & 3] as Space;
}

/** What a request carries. */
export interface Label {
  readonly space: Space;
  readonly partid: number;
  readonly pmg: number;
}

/** What is counted together: a label, or where levels are counted apart, a label and the exception level of its requests. */
export interface CountedLabel extends Label {
  readonly el?: number;
}

/** From the word of assembly/pe/owners.ts: exception level and 1 [28:26], space [25:24], PMG [23:16], PARTID [15:0]. */
export function unpackLabel(word: number): CountedLabel {
  const label = { space: spaceNamed(word >>> 24), partid: word & 0xffff, pmg: (word >>> 16) & 0xff };
  const mark = (word >>> 26) & 7;
  return mark === 0 ? label : { ...label, el: mark - 1 };
}
