/** Who gets the bytes of a quantum (docs/modelled.md, "Bandwidth", granting). */

import type { Note } from "./reached.ts";

export interface Contender {
  /** Bytes it still needs: grants take from it. */
  needs: number;
  /** Bytes granted in its window: grants add to it, and to the credit. */
  use: number;
  credit: number;
  /** What was too little for a byte when shares were handed out. */
  rest: number;
  readonly min: number;
  /** Infinity is no limit. */
  readonly max: number;
  readonly hard: boolean;
  /** Takes part in the last preference and in nothing else. */
  readonly last: boolean;
  /** 0 is the best. */
  readonly rank: number;
  readonly weight: number;
  /** It may use these. */
  readonly portions: ReadonlySet<number>;
}

/** How much of its needs a contender asks for in each preference. */
const PREFERENCES: readonly ((one: Contender) => number)[] = [
  ({ last, min, max, use }) => (last ? 0 : Math.min(min, max) - use),
  ({ last, max, use }) => (last ? 0 : max - use),
  ({ last, hard }) => (last || hard ? 0 : Infinity),
  ({ last }) => (last ? Infinity : 0),
];

/** @param contenders in the order of their entries @param left bytes left in each portion: grants take from them */
export function grant(contenders: readonly Contender[], left: number[], note: Note): void {
  const ranks = [...new Set(contenders.map(({ rank }) => rank))].sort((a, b) => a - b);
  for (const [preference, asks] of PREFERENCES.entries()) {
    const wants = new Map(contenders.map((one) => [one, Math.max(0, Math.min(one.needs, asks(one)))]));
    for (const rank of ranks) {
      for (const portion of left.keys()) {
        const sharing = contenders.filter((one) => one.rank === rank && one.portions.has(portion));
        const before = left[portion] ?? 0;
        share(sharing, wants, portion, left, note);
        if (preference === 2 && before > (left[portion] ?? 0)) note("soft low");
        if (preference === 3 && before > (left[portion] ?? 0)) note("last served");
        const unserved = sharing.filter((one) => (wants.get(one) ?? 0) > 0);
        if (left.length > 1 && sharing.length > 1 && unserved.length > 0) note("portion contention");
        if (ranks.length > 1 && unserved.length > 0) note("priority contention");
      }
    }
  }
}

/** Shares one portion among those of one rank: whoever needs no more than its share leaves, and the rest share again. */
function share(
  all: readonly Contender[],
  wants: Map<Contender, number>,
  portion: number,
  left: number[],
  note: Note,
): void {
  const give = (one: Contender, bytes: number): void => {
    wants.set(one, (wants.get(one) ?? 0) - bytes);
    left[portion] = (left[portion] ?? 0) - bytes;
    one.needs -= bytes;
    one.use += bytes;
    one.credit += bytes;
  };
  let sharing = all.filter((one) => (wants.get(one) ?? 0) > 0);
  while (sharing.length > 0) {
    const bytes = left[portion] ?? 0;
    const weights = sharing.reduce((sum, { weight }) => sum + weight, 0);
    const exact = ({ weight, rest }: Contender): number => (bytes * weight) / weights + rest;
    const shareOf = (one: Contender): number => Math.min(Math.floor(exact(one)), left[portion] ?? 0);
    const staying: Contender[] = [];
    for (const one of sharing) {
      const want = wants.get(one) ?? 0;
      if (want <= shareOf(one)) give(one, want);
      else staying.push(one);
    }
    if (staying.length === sharing.length) {
      for (const one of sharing) {
        const got = shareOf(one);
        if (got > (bytes * one.weight) / weights) note("rest made a byte");
        one.rest = exact(one) - got;
        give(one, got);
      }
      return;
    }
    sharing = staying;
  }
}
