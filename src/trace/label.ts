// The label of a record's own, where a trace has one: part of who asks.
import { type Label, spaceNamed } from "../machine/index.ts";

export const MOST_PARTID = 0xffff;
export const MOST_PMG = 0xff;
export const MOST_SPACE = 3;

/** MPAM_SP by number or name. */
export function spaceOf(text: string): number | undefined {
  const word = text.toLowerCase();
  for (let n = 0; n <= MOST_SPACE; n++) if (word === String(n) || word === spaceNamed(n)) return n;
  return undefined;
}

/** A label needs a PARTID; a trace that says no space means the Non-secure one. */
export function labelOf(
  space: number | undefined,
  partid: number | undefined,
  pmg: number | undefined,
): Label | undefined {
  return partid === undefined ? undefined : { space: spaceNamed(space ?? 1), partid, pmg: pmg ?? 0 };
}
