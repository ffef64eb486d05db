// What the fast kernels do to a set of the narrow layout: find a tag, touch a way, take one for another line. Policy and lanes (16 or
// 32) are constants of each kernel, so that what is asked about them here costs nothing there.

import { hashOn } from "../mixer";
import { CacheSlice, DIRTY, LRU, NO_WAY, NRU, OwnerUse, PLRU, RANDOM, UNLIMITED } from "./cache";
import { largest, lanesOfBits } from "./lanes";
import { bitsOf, EMPTY, fillsIn, leavesOf, MAX_NARROW_OWNERS, setFills } from "./narrow";
import { nth } from "./policy";

const LOW7: i8 = 0x7f;

/** 0xff in those of sixteen lanes that hold a tag. */
// @ts-ignore: decorator
@inline
export function lanesWith(tags: usize, tag: u32): v128 {
  const wanted = i16x8.splat(<i16>tag);
  return i8x16.narrow_i16x8_s(i16x8.eq(v128.load(tags), wanted), i16x8.eq(v128.load(tags, 16), wanted));
}

/** The same as bits, of sixteen lanes or two times sixteen. */
// @ts-ignore: decorator
@inline
export function bitsIn(low: v128, high: v128, lanes: usize): u32 {
  const bits = <u32>i8x16.bitmask(low);
  return lanes == 16 ? bits : bits | (<u32>i8x16.bitmask(high) << 16);
}

/**
 * A hit, in the lane of `low` or `high` that is 0xff: what the policy remembers, and the dirty bit if the access writes (`dirty`
 * 0x80).
 */
// @ts-ignore: decorator
@inline
export function touch(
  cache: CacheSlice,
  states: usize,
  way: u32,
  low: v128,
  high: v128,
  dirty: u32,
  policy: u32,
  lanes: usize,
): void {
  if (policy == LRU) {
    const age = i8x16.splat(<i8>(<u32>load<u8>(states + way) & 0x7f));
    rejuvenate(states, age, low, v128.and(low, i8x16.splat(LOW7)), dirty);
    if (lanes == 32) rejuvenate(states + 16, age, high, v128.and(high, i8x16.splat(LOW7)), dirty);
    return;
  }
  // Under random replacement a read changes nothing.
  if (policy == RANDOM && dirty == 0) return;
  if (policy == PLRU) pointAway(cache, states, way, lanes);
  store<u8>(states + way, <u8>(load<u8>(states + way) | dirty | (policy == NRU ? 1 : 0)));
}

/**
 * Makes the lane of `mine` the newest: lanes younger than `age` age by one. Of its own state the bits of `cleared` go, and those
 * of `dirty` come.
 */
// @ts-ignore: decorator
@inline
function rejuvenate(states: usize, age: v128, mine: v128, cleared: v128, dirty: u32): void {
  const ages = v128.load(states);
  const younger = i8x16.lt_s(v128.and(ages, i8x16.splat(LOW7)), age);
  const aged = v128.andnot(i8x16.sub(ages, younger), cleared);
  v128.store(states, v128.or(aged, v128.and(mine, i8x16.splat(<i8>dirty))));
}

/**
 * Takes a way for a line of `owner` and does what a fill does to the state of the set: the way, with 0x80 where its line was
 * dirty; or NO_WAY.
 */
// @ts-ignore: decorator
@inline
export function take(
  cache: CacheSlice,
  use: OwnerUse,
  set: usize,
  number: u32,
  owner: u32,
  dirty: u32,
  policy: u32,
  lanes: usize,
): u32 {
  const entry = <usize>owner * cache.phases + (number & (cache.phases - 1));
  const full = use.limit != UNLIMITED && cache.usage(owner) >= use.limit;
  if (policy == LRU) {
    if (lanes == 16) return takeOldest16(cache, use, set, entry, owner, full, dirty);
    return takeOldest32(cache, set, entry, owner, full, dirty);
  }
  const states = set + lanes * 2;
  const way = choose(cache, set, number, entry, owner, full, policy, lanes);
  if (way == NO_WAY) return NO_WAY;
  const state = <u32>load<u8>(states + way);
  if (policy == NRU) {
    store<u8>(states + way, <u8>(dirty | 1));
    return way | (state & DIRTY);
  }
  store<u8>(states + way, <u8>((state & 0x7f) | dirty));
  if (policy == PLRU) pointAway(cache, states, way, lanes);
  else setFills(states, fillsIn(states) + 1);
  return way | (state & DIRTY);
}

// @ts-ignore: decorator
@inline
function takeOldest16(
  cache: CacheSlice,
  use: OwnerUse,
  set: usize,
  entry: usize,
  owner: u32,
  full: bool,
  dirty: u32,
): u32 {
  const states = set + 32;
  const open =
    cache.phases == 1
      ? v128.load(changetype<usize>(use), offsetof<OwnerUse>("openLow"))
      : v128.load(cache.narrowAllowed + (entry << 4));
  let ranks = v128.and(ranksIn(states), open);
  if (full) ranks = v128.and(ranks, heldBy(cache, set + 48, owner));
  if (!v128.any_true(ranks)) return NO_WAY;
  const most = largest(ranks);
  const victim = i8x16.eq(ranks, most);
  const way = ctz(i8x16.bitmask(victim));
  const state = <u32>load<u8>(states + way);
  rejuvenate(states, i8x16.sub(most, i8x16.splat(1)), victim, victim, dirty);
  return way | (state & DIRTY);
}

// @ts-ignore: decorator
@inline
function takeOldest32(cache: CacheSlice, set: usize, entry: usize, owner: u32, full: bool, dirty: u32): u32 {
  const states = set + 64;
  const open = cache.narrowAllowed + (entry << 5);
  let low = v128.and(ranksIn(states), v128.load(open));
  let high = v128.and(ranksIn(states + 16), v128.load(open, 16));
  if (full) {
    low = v128.and(low, heldBy(cache, set + 96, owner));
    high = v128.and(high, heldBy(cache, set + 112, owner));
  }
  const both = i8x16.max_u(low, high);
  if (!v128.any_true(both)) return NO_WAY;
  const most = largest(both);
  const age = i8x16.sub(most, i8x16.splat(1));
  low = i8x16.eq(low, most);
  high = i8x16.eq(high, most);
  const way = ctz(bitsIn(low, high, 32));
  const state = <u32>load<u8>(states + way);
  rejuvenate(states, age, low, low, dirty);
  rejuvenate(states + 16, age, high, high, dirty);
  return way | (state & DIRTY);
}

/** Ages, from 1 on. */
// @ts-ignore: decorator
@inline
function ranksIn(states: usize): v128 {
  return i8x16.add(v128.and(v128.load(states), i8x16.splat(LOW7)), i8x16.splat(1));
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

/** The way that a line of `owner` takes in a set without ages, or NO_WAY. */
// @ts-ignore: decorator
@inline
function choose(
  cache: CacheSlice,
  set: usize,
  number: u32,
  entry: usize,
  owner: u32,
  full: bool,
  policy: u32,
  lanes: usize,
): u32 {
  let open = <u32>load<u64>(cache.wideAllowed + (entry << 3));
  if (full) open &= heldBits(cache, set, owner, lanes);
  if (open == 0) return NO_WAY;
  const low = lanesWith(set, EMPTY);
  const empty = open & bitsIn(low, lanes == 16 ? low : lanesWith(set + 32, EMPTY), lanes);
  if (empty != 0) return ctz(empty);
  const states = set + lanes * 2;
  if (policy == NRU) return unused(states, open, lanes);
  return policy == PLRU ? pointed(cache, states, open, lanes) : drawn(cache, states, number, open);
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
  const mine = v128.and(lanesOfBits(open), i8x16.splat(1));
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
