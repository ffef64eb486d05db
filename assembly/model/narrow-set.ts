// What the fast kernels do to a set of the narrow layout: find a tag, choose a victim, touch a way. Policy and lanes (16 or
// 32) are constants of each kernel, so that what is asked about them here costs nothing there.

import { hashOn } from "../mixer";
import { CacheSlice, LRU, NRU, OwnerUse, PLRU, RANDOM, UNLIMITED } from "./cache";
import { bitsOf, DIRTY, EMPTY, fillsIn, leavesOf, MAX_NARROW_OWNERS, setFills } from "./narrow";
import { nth } from "./policy";

/** Stands for a way where none may be taken. */
export const NO_WAY: u32 = u32.MAX_VALUE;

const LOW7: i8 = 0x7f;

/** A bit for each lane that holds a tag. */
// @ts-ignore: decorator
@inline
export function lanesWith(set: usize, tag: u32, lanes: usize): u32 {
  const wanted = i16x8.splat(<i16>tag);
  const low = <u32>i8x16.bitmask(
    i8x16.narrow_i16x8_s(i16x8.eq(v128.load(set), wanted), i16x8.eq(v128.load(set, 16), wanted)),
  );
  if (lanes == 16) return low;
  const high = i8x16.narrow_i16x8_s(i16x8.eq(v128.load(set, 32), wanted), i16x8.eq(v128.load(set, 48), wanted));
  return low | (<u32>i8x16.bitmask(high) << 16);
}

/** 0xff in one lane. */
// @ts-ignore: decorator
@inline
function lane(way: u32): v128 {
  return i8x16.eq(i8x16.splat(<i8>way), i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
}

/** A hit: what the policy remembers, and the dirty bit if the access writes (`dirty` 0x80). */
// @ts-ignore: decorator
@inline
export function touch(cache: CacheSlice, states: usize, way: u32, dirty: u32, policy: u32, lanes: usize): void {
  if (policy == LRU) {
    rejuvenate(states, way, dirty, LOW7, lanes);
    return;
  }
  // Under random replacement a read changes nothing.
  if (policy == RANDOM && dirty == 0) return;
  if (policy == PLRU) pointAway(cache, states, way, lanes);
  store<u8>(states + way, <u8>(load<u8>(states + way) | dirty | (policy == NRU ? 1 : 0)));
}

/** A way has got another line. */
// @ts-ignore: decorator
@inline
export function renew(cache: CacheSlice, states: usize, way: u32, dirty: u32, policy: u32, lanes: usize): void {
  if (policy == LRU) {
    rejuvenate(states, way, dirty, -1, lanes);
    return;
  }
  if (policy == NRU) {
    store<u8>(states + way, <u8>(dirty | 1));
    return;
  }
  store<u8>(states + way, <u8>((load<u8>(states + way) & 0x7f) | dirty));
  if (policy == PLRU) pointAway(cache, states, way, lanes);
  else setFills(states, fillsIn(states) + 1);
}

/** Makes a way the newest: those younger than it age by one. Of its own state the bits of `cleared` go first. */
// @ts-ignore: decorator
@inline
function rejuvenate(states: usize, way: u32, dirty: u32, cleared: i8, lanes: usize): void {
  const age = i8x16.splat(<i8>(<u32>load<u8>(states + way) & 0x7f));
  rejuvenateHalf(states, age, lane(way), dirty, cleared);
  if (lanes == 32) rejuvenateHalf(states + 16, age, lane(way - 16), dirty, cleared);
}

// @ts-ignore: decorator
@inline
function rejuvenateHalf(states: usize, age: v128, mine: v128, dirty: u32, cleared: i8): void {
  const ages = v128.load(states);
  const younger = i8x16.lt_s(v128.and(ages, i8x16.splat(LOW7)), age);
  const aged = v128.andnot(i8x16.sub(ages, younger), v128.and(mine, i8x16.splat(cleared)));
  v128.store(states, v128.or(aged, v128.and(mine, i8x16.splat(<i8>dirty))));
}

/** The nodes on the way's path point to the other half. */
// @ts-ignore: decorator
@inline
function pointAway(cache: CacheSlice, states: usize, way: u32, lanes: usize): void {
  const clears = cache.tree + <usize>way * lanes * 2;
  v128.store(states, v128.or(v128.and(v128.load(states), v128.load(clears)), v128.load(clears + lanes)));
  if (lanes == 16) return;
  v128.store(states, v128.or(v128.and(v128.load(states, 16), v128.load(clears, 16)), v128.load(clears, 48)), 16);
}

/** The way that a line of `owner` takes in a set, or NO_WAY. `owners` is where the owner bytes of the set begin. */
// @ts-ignore: decorator
@inline
export function choose(
  cache: CacheSlice,
  use: OwnerUse,
  set: usize,
  number: u32,
  owner: u32,
  policy: u32,
  lanes: usize,
): u32 {
  const entry = <usize>owner * cache.phases + (number & (cache.phases - 1));
  const full = use.limit != UNLIMITED && cache.usage(owner) >= use.limit;
  if (policy == LRU) return oldest(cache, use, set, entry, owner, full, lanes);
  let open = <u32>load<u64>(cache.wideAllowed + (entry << 3));
  if (full) open &= heldBits(cache, set, owner, lanes);
  if (open == 0) return NO_WAY;
  const empty = open & lanesWith(set, EMPTY, lanes);
  if (empty != 0) return ctz(empty);
  const states = set + lanes * 2;
  if (policy == NRU) return unused(states, open, lanes);
  return policy == PLRU ? pointed(cache, states, open, lanes) : drawn(cache, states, number, open);
}

// @ts-ignore: decorator
@inline
function oldest(
  cache: CacheSlice,
  use: OwnerUse,
  set: usize,
  entry: usize,
  owner: u32,
  full: bool,
  lanes: usize,
): u32 {
  const states = set + lanes * 2;
  const one = i8x16.splat(1);
  const low7 = i8x16.splat(LOW7);
  if (lanes == 16) {
    const open =
      cache.phases == 1
        ? v128.load(changetype<usize>(use), offsetof<OwnerUse>("openLow"))
        : v128.load(cache.narrowAllowed + (entry << 4));
    let ranks = v128.and(i8x16.add(v128.and(v128.load(states), low7), one), open);
    if (full) ranks = v128.and(ranks, heldBy(cache, set + 48, owner));
    if (!v128.any_true(ranks)) return NO_WAY;
    return ctz(i8x16.bitmask(i8x16.eq(ranks, largest(ranks))));
  }
  const open = cache.narrowAllowed + (entry << 5);
  let low = v128.and(i8x16.add(v128.and(v128.load(states), low7), one), v128.load(open));
  let high = v128.and(i8x16.add(v128.and(v128.load(states, 16), low7), one), v128.load(open, 16));
  if (full) {
    low = v128.and(low, heldBy(cache, set + 96, owner));
    high = v128.and(high, heldBy(cache, set + 112, owner));
  }
  const both = i8x16.max_u(low, high);
  if (!v128.any_true(both)) return NO_WAY;
  const most = largest(both);
  return ctz(<u32>i8x16.bitmask(i8x16.eq(low, most)) | (<u32>i8x16.bitmask(i8x16.eq(high, most)) << 16));
}

/** The largest of sixteen bytes, in every lane. */
// @ts-ignore: decorator
@inline
function largest(v: v128): v128 {
  let most = i8x16.max_u(v, i8x16.shuffle(v, v, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
  most = i8x16.max_u(most, i8x16.shuffle(most, most, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11));
  most = i8x16.max_u(most, i8x16.shuffle(most, most, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13));
  return i8x16.max_u(most, i8x16.shuffle(most, most, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14));
}

/** 0xff in those of sixteen lanes that the partition of `owner` holds. */
function heldBy(cache: CacheSlice, owners: usize, owner: u32): v128 {
  const all = v128.load(owners);
  let held = i8x16.splat(0);
  let other = owner;
  do {
    if (other < MAX_NARROW_OWNERS) held = v128.or(held, i8x16.eq(all, i8x16.splat(<i8>other)));
    other = cache.nextOfPartition(other);
  } while (other != owner);
  return held;
}

function heldBits(cache: CacheSlice, set: usize, owner: u32, lanes: usize): u32 {
  const low = <u32>i8x16.bitmask(heldBy(cache, set + lanes * 3, owner));
  if (lanes == 16) return low;
  return low | (<u32>i8x16.bitmask(heldBy(cache, set + lanes * 3 + 16, owner)) << 16);
}

/** The lowest of the open ways that has not been touched; when all have been, that is forgotten of these. */
// @ts-ignore: decorator
@inline
function unused(states: usize, open: u32, lanes: usize): u32 {
  const left = open & ~bitsOf(states, lanes);
  if (left != 0) return ctz(left);
  forgetUse(states, open);
  if (lanes == 32) forgetUse(states + 16, open >>> 16);
  return ctz(open);
}

// @ts-ignore: decorator
@inline
function forgetUse(states: usize, open: u32): void {
  const bytes = i8x16.swizzle(i16x8.splat(<i16>open), i8x16(0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1));
  const bits = i8x16(1, 2, 4, 8, 16, 32, 64, -128, 1, 2, 4, 8, 16, 32, 64, -128);
  const mine = v128.and(i8x16.eq(v128.and(bytes, bits), bits), i8x16.splat(1));
  v128.store(states, v128.andnot(v128.load(states), mine));
}

/** Where the tree leads, past halves that have no open way. */
// @ts-ignore: decorator
@inline
function pointed(cache: CacheSlice, states: usize, open: u32, lanes: usize): u32 {
  const tree = bitsOf(states, lanes);
  let low: u32 = 0;
  let node: u32 = 1;
  for (let half = leavesOf(cache) >>> 1; half != 0; half >>>= 1) {
    const mask = (<u32>1 << half) - 1;
    const lower = (open >>> low) & mask;
    const upper = (open >>> (low + half)) & mask;
    const up = (<u32>(upper != 0) & (tree >>> node)) | <u32>(lower == 0);
    low += half & (0 - (up & 1));
    node = (node << 1) | (up & 1);
  }
  return low;
}

// @ts-ignore: decorator
@inline
function drawn(cache: CacheSlice, states: usize, number: u32, open: u32): u32 {
  return nth(open, hashOn(hashOn(cache.draw, number), fillsIn(states)) % <u32>popcnt(open));
}

// @ts-ignore: decorator
@inline
export function isDirty(states: usize, way: u32): u32 {
  return <u32>load<u8>(states + way) & DIRTY;
}
