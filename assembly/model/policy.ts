// Replacement: which of the candidates goes, and what a set remembers of who was touched.

import { hashOn, mix } from "../mixer";
import { root } from "../root";
import { CacheSlice, LRU, NRU, PLRU } from "./cache";
import { AGE, emptyWays, policyAt, setState, stateIn } from "./wide";

/** One of the candidates (a bit for each way, at least one): empty ones first, the lowest of them. */
export function choose(cache: CacheSlice, set: usize, number: u32, candidates: u64): u32 {
  const empty = candidates & emptyWays(cache, set);
  if (empty != 0) return <u32>ctz(empty);
  switch (cache.policy) {
    case LRU:
      return oldest(cache, set, candidates);
    case PLRU:
      return pointed(cache, set, candidates);
    case NRU:
      return unused(cache, set, candidates);
    default:
      return drawn(cache, set, number, candidates);
  }
}

/** A hit, or a fill. */
export function touch(cache: CacheSlice, set: usize, way: u32): void {
  switch (cache.policy) {
    case LRU:
      makeNewest(cache, set, way);
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

function oldest(cache: CacheSlice, set: usize, candidates: u64): u32 {
  let best: u32 = 0;
  let age: i32 = -1;
  for (let left = candidates; left != 0; left &= left - 1) {
    const way = <u32>ctz(left);
    const mine = <i32>(stateIn(cache, set, way) & AGE);
    if (mine <= age) continue;
    age = mine;
    best = way;
  }
  return best;
}

/** Those younger than it age by one. */
function makeNewest(cache: CacheSlice, set: usize, way: u32): void {
  const state = stateIn(cache, set, way);
  const age = state & AGE;
  for (let other: u32 = 0; other < cache.ways; other++) {
    const its = stateIn(cache, set, other);
    if ((its & AGE) < age) setState(cache, set, other, its + 1);
  }
  setState(cache, set, way, state & ~AGE);
}

// The tree: node 1 is the root, node n has the children 2n (lower half) and 2n + 1. Bit n of the set's word is 1 where
// node n points to the upper half.

function leaves(cache: CacheSlice): u32 {
  return cache.ways == 1 ? 1 : 1 << (32 - <u32>clz(cache.ways - 1));
}

function pointed(cache: CacheSlice, set: usize, candidates: u64): u32 {
  const tree = load<u64>(policyAt(cache, set));
  let low: u32 = 0;
  let node: u32 = 1;
  for (let half = leaves(cache) >>> 1; half != 0; half >>>= 1) {
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
  for (let half = leaves(cache) >>> 1; half != 0; half >>>= 1) {
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
  const hash = hashOn(hashOn(hashOn(mix(root().seed), cache.number), number), fills);
  let left = candidates;
  for (let skip = hash % <u32>popcnt(candidates); skip != 0; skip--) left &= left - 1;
  return <u32>ctz(left);
}
