// Where the address spaces of the traces lie in the machine: end to end, in file order, their pages permuted if a seed
// asks for it (design: addresses).

import { hash } from "../random/index.ts";
import type { Placement } from "./columns-in.ts";
import { MOST_FEEDS } from "./feeds.ts";
import { LINE_BYTES, type TraceSource } from "./source.ts";

/** A permutation of 0..pages-1 that depends on the seed and the space's number. */
export function permutation(pages: number, seed: number, space: number): Uint32Array {
  const order = Uint32Array.from({ length: pages }, (_, page) => page);
  for (let page = pages - 1; page > 0; page--) {
    const other = hash(seed, space, page) % (page + 1);
    const kept = order[page] as number;
    order[page] = order[other] as number;
    order[other] = kept;
  }
  return order;
}

export interface Places {
  readonly placements: readonly Placement[];
  /** Highest line number that may come. */
  readonly highestLine: number;
}

/** Lines are numbered in 32 bits. */
const LINE_LIMIT = 2 ** 32;

/** Throws a RangeError for traces that together reach further than lines have numbers, or are too many. */
export function checkReach(sources: readonly TraceSource[], lineBytes = LINE_BYTES): void {
  if (sources.length > MOST_FEEDS) {
    throw new RangeError(`${sources.length} traces are to replay together; ${MOST_FEEDS} is the most`);
  }
  let top = 0;
  for (const source of sources) {
    if (source.addressRule !== "dense") continue;
    for (const space of source.spaces) top += space.pages * source.pageBytes;
    if (top <= LINE_LIMIT * lineBytes) continue;
    throw new RangeError(
      `${source.name}: the traces together touch ${top} bytes of pages; ${LINE_LIMIT * lineBytes} is the most`,
    );
  }
}

/**
 * One placement per source, for traces that `checkReach` lets pass. A trace of recorded addresses ("identity") lies at 0 and
 * shares lines with whoever is there.
 */
export function place(
  sources: readonly TraceSource[],
  requesters: readonly (readonly number[])[],
  seed: number | undefined,
  lineBytes = LINE_BYTES,
): Places {
  let top = 0;
  let number = 0;
  const placements = sources.map((source, index) => {
    const bases = new Map<number, number>();
    const pages = new Map<number, Uint32Array | undefined>();
    const reaches = new Map<number, number>();
    for (const space of source.spaces) {
      const dense = source.addressRule === "dense";
      bases.set(space.asid, dense ? top : 0);
      reaches.set(space.asid, dense ? space.pages * source.pageBytes : Number.POSITIVE_INFINITY);
      pages.set(space.asid, dense && seed !== undefined ? permutation(space.pages, seed, number) : undefined);
      if (dense) top += space.pages * source.pageBytes;
      number++;
    }
    return {
      requesters: requesters[index] ?? [],
      bases: source.requesters.map((r) => bases.get(r.asid) ?? 0),
      reaches: source.requesters.map((r) => reaches.get(r.asid)),
      pages: source.requesters.map((r) => pages.get(r.asid)),
      pageBytes: source.pageBytes,
      lineBytes,
      lineLimit: LINE_LIMIT,
    };
  });
  const identity = sources.some((source) => source.addressRule === "identity");
  return { placements, highestLine: identity ? LINE_LIMIT - 1 : Math.max(0, Math.ceil(top / lineBytes) - 1) };
}
