// What becomes of lines in the wide layout, and who counts it: filled, lost, given another label.

import { CacheSlice, DIRTY, LRU, LOST_DISABLED, LOST_OTHER, LOST_OWN_LIMIT, LOST_OWN_PORTION, RANGES } from "./cache";
import { isLimited } from "./candidates";
import { countLine } from "./partition";
import { noteFill, touch } from "./policy";
import { AGE, ownerIn, setOwner, setState, stateIn, VALID } from "./wide";

export function fill(cache: CacheSlice, set: usize, way: u32, line: u32, owner: u32, dirty: bool): void {
  store<u32>(set + (way << 2), line >>> cache.setShift);
  setOwner(cache, set, way, owner);
  setState(cache, set, way, stateIn(cache, set, way) | VALID | (dirty ? DIRTY : 0));
  countLine(cache, owner, 1);
  noteFill(cache, set);
  touch(cache, set, way, cache.lanes);
}

/**
 * Puts a line where another one is, or none. The state byte is written last and once: what a vector reads must not just have been
 * written by the byte, or the processor waits.
 */
// @ts-ignore: decorator
@inline
export function replace(
  cache: CacheSlice,
  set: usize,
  way: u32,
  line: u32,
  owner: u32,
  dirty: u32,
  lanes: u32,
): void {
  const state = stateIn(cache, set, way);
  store<u32>(set + (way << 2), line >>> cache.setShift);
  setOwner(cache, set, way, owner);
  countLine(cache, owner, 1);
  noteFill(cache, set);
  touch(cache, set, way, lanes);
  const age = cache.policy == LRU ? 0 : state & AGE;
  setState(cache, set, way, age | VALID | dirty);
}

/** Empties a way of its owner's; whether it was dirty. */
export function empty(cache: CacheSlice, set: usize, way: u32, loser: u32): bool {
  const state = stateIn(cache, set, way);
  setState(cache, set, way, state & ~(VALID | DIRTY));
  countLine(cache, loser, -1);
  return (state & DIRTY) != 0;
}

/** A write hit gives the line the writer's label, where the slice does that. */
export function relabel(cache: CacheSlice, set: usize, way: u32, owner: u32): void {
  const before = ownerIn(cache, set, way);
  if (before == owner) return;
  cache.use(before).gained--;
  countLine(cache, before, -1);
  cache.use(owner).gained++;
  countLine(cache, owner, 1);
  setOwner(cache, set, way, owner);
}

/** A line of `loser` goes for one of `owner`: why. Before it has gone. */
export function countEviction(cache: CacheSlice, set: usize, loser: u32, owner: u32): void {
  countLoss(cache, loser, reason(cache, set, loser, owner));
}

function reason(cache: CacheSlice, set: usize, loser: u32, owner: u32): u32 {
  if (cache.detail(loser).disabled) return LOST_DISABLED;
  if (cache.detail(loser).partition != cache.detail(owner).partition) return LOST_OTHER;
  return isLimited(cache, set, owner) ? LOST_OWN_LIMIT : LOST_OWN_PORTION;
}

export function countLoss(cache: CacheSlice, owner: u32, why: u32): void {
  const at = changetype<usize>(cache.detail(owner)) + (<usize>why << 3);
  store<u64>(at, load<u64>(at) + 1);
}

export const RANGE_DEMANDS: u32 = 0;
export const RANGE_MISSES: u32 = 1;
export const RANGE_EVICTIONS: u32 = 2;

export function countRange(cache: CacheSlice, set: u32, what: u32): void {
  const range = <usize>((<u64>set * RANGES) / cache.sets);
  const at = cache.ranges + range * 24 + (<usize>what << 3);
  store<u64>(at, load<u64>(at) + 1);
}
