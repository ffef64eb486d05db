// Address spaces by name and by the number that requests carry (MPAM_SP).

import type { Space } from "../platform/index.ts";

export const SPACE_NUMBERS: { readonly [space in Space]: number } = { s: 0, ns: 1, rt: 2, rl: 3 };

const NAMES: readonly Space[] = ["s", "ns", "rt", "rl"];

export function spaceNamed(number: number): Space {
  return NAMES[number & 3] as Space;
}

export interface Label {
  readonly space: Space;
  readonly partid: number;
  readonly pmg: number;
}

/** From the word of assembly/pe/owners.ts: space [25:24], PMG [23:16], PARTID [15:0]. */
export function unpackLabel(word: number): Label {
  return { space: spaceNamed(word >>> 24), partid: word & 0xffff, pmg: (word >>> 16) & 0xff };
}
