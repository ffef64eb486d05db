// Which sets the picture shows: some of all of them, evenly, or a few next to each other.

import type { CacheView, FrameRequest } from "../engine/protocol.ts";

/** Rows of the overview at most, and of the close-up. */
const MOST_ROWS = 256;
export const CLOSE_ROWS = 32;

export interface SetsView {
  readonly isClose: boolean;
  /** Of the close-up. */
  readonly first: number;
}

export function requestFor(
  { sets }: Pick<CacheView, "sets">,
  cache: number,
  slice: number,
  { isClose, first }: SetsView,
): FrameRequest {
  if (isClose) {
    const count = Math.min(CLOSE_ROWS, sets);
    return { cache, slice, first: Math.max(0, Math.min(first, sets - count)), count, step: 1 };
  }
  const step = Math.ceil(sets / MOST_ROWS);
  return { cache, slice, first: 0, count: Math.ceil(sets / step), step };
}

export function setOfRow({ first, step }: FrameRequest, row: number): number {
  return first + row * step;
}

/** What the rows are, in words. */
export function describeRows({ first, count, step }: FrameRequest, sets: number): string {
  if (step > 1) return `${count} of ${sets} sets, every ${step}th`;
  if (count === sets) return sets === 1 ? "one set" : `all ${sets} sets`;
  return `sets ${first} to ${first + count - 1} of ${sets}`;
}
