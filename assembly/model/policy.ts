// Replacement: which of the candidates goes, and what a set remembers of who was touched.

import { hashOn } from "../mixer";
import { CacheSlice, LRU, NRU, PLRU } from "./cache";
import { leavesOf } from "./narrow";
import { emptyWays, makeNewest, oldest, policyAt } from "./wide";

/** One of the candidates (a bit for each way, at least one): empty ones first, the lowest of them. */
// @ts-ignore: decorator
@inline
export function choose(cache: CacheSlice, set: usize, number: u32, candidates: u64, lanes: u32): u32 {
  const empty = candidates & emptyWays(set, lanes);
  if (empty != 0) return <u32>ctz(empty);
  switch (cache.policy) {
    case LRU:
      return oldest(set, candidates, lanes);
    case PLRU:
      return pointed(cache, set, candidates);
    case NRU:
      return unused(cache, set, candidates);
    default:
      return drawn(cache, set, number, candidates);
  }
}

/** A hit, or a fill. */
// @ts-ignore: decorator
@inline
export function touch(cache: CacheSlice, set: usize, way: u32, lanes: u32): void {
  switch (cache.policy) {
    case LRU:
      makeNewest(set, way, lanes);
      return;
    case PLRU:
      pointAway(cache, set, way);
      return;
    case NRU:
      store<u64>(policyAt(cache, set), load<u64>(policyAt(cache, set)) | (<u64>1 << way));
      return;
  }
}

/** Random replacement remembers how often a set was filled. */
export function noteFill(cache: CacheSlice, set: usize): void {
  if (cache.policy > NRU) store<u32>(policyAt(cache, set), load<u32>(policyAt(cache, set)) + 1);
}

// The tree: node 1 is the root, node n has the children 2n (lower half) and 2n + 1. Bit n of the set's word is 1 where
// node n points to the upper half.

function pointed(cache: CacheSlice, set: usize, candidates: u64): u32 {
  const tree = load<u64>(policyAt(cache, set));
  let low: u32 = 0;
  let node: u32 = 1;
  for (let half = leavesOf(cache) >>> 1; half != 0; half >>>= 1) {
    const lower = (candidates >>> low) & ((<u64>1 << half) - 1);
    const upper = (candidates >>> (low + half)) & ((<u64>1 << half) - 1);
    let up: u32 = <u32>(tree >>> node) & 1;
    if (up && upper == 0) up = 0;
    else if (!up && lower == 0) up = 1;
    if (up) low += half;
    node = (node << 1) | up;
  }
  return low;
}

function pointAway(cache: CacheSlice, set: usize, way: u32): void {
  let tree = load<u64>(policyAt(cache, set));
  let low: u32 = 0;
  let node: u32 = 1;
  for (let half = leavesOf(cache) >>> 1; half != 0; half >>>= 1) {
    const up: u32 = way >= low + half ? 1 : 0;
    const bit = <u64>1 << node;
    tree = up ? tree & ~bit : tree | bit;
    if (up) low += half;
    node = (node << 1) | up;
  }
  store<u64>(policyAt(cache, set), tree);
}

function unused(cache: CacheSlice, set: usize, candidates: u64): u32 {
  let used = load<u64>(policyAt(cache, set));
  if ((candidates & ~used) == 0) {
    used &= ~candidates;
    store<u64>(policyAt(cache, set), used);
  }
  return <u32>ctz(candidates & ~used);
}

function drawn(cache: CacheSlice, set: usize, number: u32, candidates: u64): u32 {
  const fills = load<u32>(policyAt(cache, set));
  return nth(candidates, hashOn(hashOn(cache.draw, number), fills) % <u32>popcnt(candidates));
}

/** The n-th bit of a mask, from the lowest, counted from 0. By halves, and without a branch. */
// @ts-ignore: decorator
@inline
export function nth(mask: u64, n: u32): u32 {
  let at: u32 = 0;
  for (let half: u32 = 32; half != 0; half >>>= 1) {
    const lower = <u32>popcnt((mask >>> at) & ((<u64>1 << half) - 1));
    const up = <u32>(n >= lower);
    n -= lower & (0 - up);
    at += half & (0 - up);
  }
  return at;
}
