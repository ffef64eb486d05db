// The wide layout: any number of ways up to 64, 32-bit tags, 16-bit owners. A set is its tags, then its owners, then a state
// byte a way, then 8 bytes for the replacement policy. State: age in bits 5:0 (LRU: 0 newest, a permutation of the ways),
// valid in bit 6, dirty in bit 7.

import { allocate } from "../root";
import { CacheSlice } from "./cache";

export const AGE: u32 = 0x3f;
export const VALID: u32 = 0x40;
export const DIRTY: u32 = 0x80;
export const NO_WAY: u32 = u32.MAX_VALUE;

export function buildWide(cache: CacheSlice): void {
  cache.wideSetBytes = ((cache.ways * 7 + 7) & ~7) + 8;
  cache.wideCells = allocate(<usize>cache.sets * cache.wideSetBytes);
}

// @ts-ignore: decorator
@inline
export function setAt(cache: CacheSlice, set: u32): usize {
  return cache.wideCells + <usize>set * cache.wideSetBytes;
}

/** Where a set keeps what its policy remembers. */
// @ts-ignore: decorator
@inline
export function policyAt(cache: CacheSlice, set: usize): usize {
  return set + cache.wideSetBytes - 8;
}

// @ts-ignore: decorator
@inline
function ownerPlace(cache: CacheSlice, set: usize, way: u32): usize {
  return set + cache.ways * 4 + (way << 1);
}

// @ts-ignore: decorator
@inline
export function statePlace(cache: CacheSlice, set: usize, way: u32): usize {
  return set + cache.ways * 6 + way;
}

// @ts-ignore: decorator
@inline
export function ownerIn(cache: CacheSlice, set: usize, way: u32): u32 {
  return load<u16>(ownerPlace(cache, set, way));
}

// @ts-ignore: decorator
@inline
export function stateIn(cache: CacheSlice, set: usize, way: u32): u32 {
  return load<u8>(statePlace(cache, set, way));
}

// @ts-ignore: decorator
@inline
export function setState(cache: CacheSlice, set: usize, way: u32, state: u32): void {
  store<u8>(statePlace(cache, set, way), <u8>state);
}

// @ts-ignore: decorator
@inline
export function setOwner(cache: CacheSlice, set: usize, way: u32, owner: u32): void {
  store<u16>(ownerPlace(cache, set, way), <u16>owner);
}

/** Empty ways are the oldest, the lowest way first. */
export function emptyWide(cache: CacheSlice): void {
  for (let set: u32 = 0; set < cache.sets; set++) {
    const at = setAt(cache, set);
    for (let way: u32 = 0; way < cache.ways; way++) setState(cache, at, way, cache.ways - 1 - way);
  }
}

/** The way that holds a tag, or NO_WAY. */
export function find(cache: CacheSlice, set: usize, tag: u32): u32 {
  for (let way: u32 = 0; way < cache.ways; way++) {
    if (load<u32>(set + (way << 2)) == tag && stateIn(cache, set, way) & VALID) return way;
  }
  return NO_WAY;
}

/** The line number that a way of a set holds. */
// @ts-ignore: decorator
@inline
export function lineIn(cache: CacheSlice, set: usize, way: u32): u32 {
  const number = <u32>((set - cache.wideCells) / cache.wideSetBytes);
  return (load<u32>(set + (way << 2)) << cache.setShift) | number;
}

/** A bit for each way that holds nothing. */
export function emptyWays(cache: CacheSlice, set: usize): u64 {
  let mask: u64 = 0;
  for (let way: u32 = 0; way < cache.ways; way++) {
    if ((stateIn(cache, set, way) & VALID) == 0) mask |= <u64>1 << way;
  }
  return mask;
}

// By number of set, for exports and for changing the layout.

export function wideLine(cache: CacheSlice, set: u32, way: u32): i64 {
  const at = setAt(cache, set);
  return stateIn(cache, at, way) & VALID ? <i64>lineIn(cache, at, way) : -1;
}

export function wideOwner(cache: CacheSlice, set: u32, way: u32): u32 {
  return ownerIn(cache, setAt(cache, set), way);
}

/** Age in bits 5:0, dirty in bit 7. */
export function wideAge(cache: CacheSlice, set: u32, way: u32): u32 {
  return stateIn(cache, setAt(cache, set), way) & ~VALID;
}

/** `line` of -1 empties the way. */
export function putWide(cache: CacheSlice, set: u32, way: u32, line: i64, owner: u32, age: u32): void {
  const at = setAt(cache, set);
  store<u32>(at + (way << 2), line < 0 ? 0 : <u32>line >>> cache.setShift);
  setOwner(cache, at, way, owner);
  setState(cache, at, way, age | (line < 0 ? 0 : VALID));
}
