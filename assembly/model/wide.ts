// The wide layout: any number of ways up to 64, 32-bit tags, 16-bit owners. A set has room for sixteen ways, or twice, three or
// four times as many ("lanes"): its tags, then its owners, then a state byte a way, then 8 bytes for the replacement policy,
// up to the next line of the host. State: age in bits 5:0 (LRU: 0 newest, a permutation of the ways), valid in bit 6, dirty
// in bit 7. Lanes past the ways are never valid, and older than any way.

import { allocate } from "../root";
import { CacheSlice, NO_WAY } from "./cache";
import { largest, lanesOfBits } from "./lanes";
import * as words from "./words";

export const AGE: u32 = 0x3f;
export const VALID: u32 = 0x40;

export function buildWide(cache: CacheSlice): void {
  cache.lanes = (cache.ways + 15) & ~15;
  cache.wideSetBytes = (cache.lanes * 7 + 8 + 63) & ~63;
  cache.wideCells = allocate(<usize>cache.sets * cache.wideSetBytes);
  emptyWide(cache);
}

/** Empty ways are the oldest, the lowest way first. */
function emptyWide(cache: CacheSlice): void {
  for (let set: u32 = 0; set < cache.sets; set++) {
    const at = setAt(cache, set);
    memory.fill(at + cache.lanes * 6, <u8>AGE, cache.lanes);
    for (let way: u32 = 0; way < cache.ways; way++) setState(cache, at, way, cache.ways - 1 - way);
  }
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
  return set + cache.lanes * 7;
}

// @ts-ignore: decorator
@inline
function ownerPlace(cache: CacheSlice, set: usize, way: u32): usize {
  return set + cache.lanes * 4 + (way << 1);
}

// @ts-ignore: decorator
@inline
function statePlace(cache: CacheSlice, set: usize, way: u32): usize {
  return set + cache.lanes * 6 + way;
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

// Of one set, whose lanes are a constant of the kernel where it matters.

/** The way that holds a tag, or NO_WAY. */
// @ts-ignore: decorator
@inline
export function find(set: usize, tag: u32, lanes: u32): u32 {
  if (!ASC_FEATURE_SIMD) return words.find(set, tag, lanes);
  const wanted = i32x4.splat(tag);
  const states = set + lanes * 6;
  for (let way: u32 = 0; way < lanes; way += 16) {
    const tags = set + (way << 2);
    const equal = i8x16.narrow_i16x8_s(
      i16x8.narrow_i32x4_s(i32x4.eq(v128.load(tags), wanted), i32x4.eq(v128.load(tags, 16), wanted)),
      i16x8.narrow_i32x4_s(i32x4.eq(v128.load(tags, 32), wanted), i32x4.eq(v128.load(tags, 48), wanted)),
    );
    // Bit 6 of the state moves to where the bitmask looks.
    const found = <u32>i8x16.bitmask(v128.and(equal, i8x16.shl(v128.load(states + way), 1)));
    if (found != 0) return way + ctz(found);
  }
  return NO_WAY;
}

/** The line number that a way of a set holds. */
// @ts-ignore: decorator
@inline
export function lineIn(cache: CacheSlice, set: usize, number: u32, way: u32): u32 {
  return (load<u32>(set + (way << 2)) << cache.setShift) | number;
}

/** A bit for each way that holds nothing, and for lanes past the ways. */
// @ts-ignore: decorator
@inline
export function emptyWays(set: usize, lanes: u32): u64 {
  if (!ASC_FEATURE_SIMD) return words.emptyWays(set, lanes);
  const states = set + lanes * 6;
  let mask: u64 = 0;
  for (let way: u32 = 0; way < lanes; way += 16) {
    mask |= <u64>(~<u32>i8x16.bitmask(i8x16.shl(v128.load(states + way), 1)) & 0xffff) << way;
  }
  return mask;
}

/** A bit for each way that carries an owner, valid or not. */
export function waysOf(set: usize, owner: u32, lanes: u32): u64 {
  if (!ASC_FEATURE_SIMD) return words.waysOf(set, owner, lanes);
  const wanted = i16x8.splat(<i16>owner);
  const owners = set + lanes * 4;
  let mask: u64 = 0;
  for (let way: u32 = 0; way < lanes; way += 16) {
    const equal = i8x16.narrow_i16x8_s(
      i16x8.eq(v128.load(owners + (way << 1)), wanted),
      i16x8.eq(v128.load(owners + (way << 1), 16), wanted),
    );
    mask |= <u64>(<u32>i8x16.bitmask(equal)) << way;
  }
  return mask;
}

/** The oldest of the candidates, a bit for each way. */
// @ts-ignore: decorator
@inline
export function oldest(set: usize, candidates: u64, lanes: u32): u32 {
  if (!ASC_FEATURE_SIMD) return words.oldest(set, candidates, lanes);
  const states = set + lanes * 6;
  let best: u32 = 0;
  let rank: u32 = 0;
  for (let way: u32 = 0; way < lanes; way += 16) {
    const ages = v128.and(v128.load(states + way), i8x16.splat(<i8>AGE));
    const ranks = v128.and(i8x16.add(ages, i8x16.splat(1)), lanesOfBits(<u32>(candidates >>> way)));
    const most = largest(ranks);
    const mine = <u32>i8x16.extract_lane_u(most, 0);
    if (mine <= rank) continue;
    rank = mine;
    best = way + ctz(i8x16.bitmask(i8x16.eq(ranks, most)));
  }
  return best;
}

/** Those younger than it age by one. */
// @ts-ignore: decorator
@inline
export function makeNewest(set: usize, way: u32, lanes: u32): void {
  const states = set + lanes * 6;
  const state = <u32>load<u8>(states + way);
  if (ASC_FEATURE_SIMD) {
    const age = i8x16.splat(<i8>(state & AGE));
    for (let other: u32 = 0; other < lanes; other += 16) {
      const all = v128.load(states + other);
      v128.store(states + other, i8x16.sub(all, i8x16.lt_s(v128.and(all, i8x16.splat(<i8>AGE)), age)));
    }
  } else words.ageYounger(states, state & AGE, lanes);
  store<u8>(states + way, <u8>(state & ~AGE));
}

// By number of set, for exports and for changing the layout.

export function wideLine(cache: CacheSlice, set: u32, way: u32): i64 {
  const at = setAt(cache, set);
  return stateIn(cache, at, way) & VALID ? <i64>lineIn(cache, at, set, way) : -1;
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

/** What the policy remembers of a set besides ages, as one word. */
export function widePolicy(cache: CacheSlice, set: u32): u64 {
  return load<u64>(policyAt(cache, setAt(cache, set)));
}

export function putWidePolicy(cache: CacheSlice, set: u32, word: u64): void {
  store<u64>(policyAt(cache, setAt(cache, set)), word);
}
