// The narrow layout: a simulated set is one 64-byte line of the host, or two where it has more than 16 ways (performance.md,
// section B): tags of 16 bits, then a state byte and an owner byte for each way, 16 or 32 of each.
//
// A state byte has the dirty bit in bit 7. Below it is what replacement remembers:
//   LRU     the age: a permutation of 0 (newest) and up, so that an empty way is the oldest by construction
//   NRU     bit 0: touched since the bits were cleared last
//   PLRU    bit 0 of lane n: where node n of the tree points, 1 for the upper half
//   random  bits 3:0 of the first eight lanes: how often the set was filled, a nibble each
// Tag 0xffff marks an empty way, which belongs to nobody. Lanes past the ways are empty for ever and never candidates.

import { allocate, root } from "../root";
import { CacheSlice, DIRTY, LRU, PLRU, RANDOM } from "./cache";
import { bitsOf as bitsOfWord } from "./words";

export const EMPTY: u32 = 0xffff;
const MAX_NARROW_WAYS: u32 = 32;
export const MAX_NARROW_OWNERS: u32 = 255;

/** Whom an empty way belongs to: counts under this number mean nothing, and losing it costs nobody anything. */
const NOBODY: i8 = -1;

// @ts-ignore: decorator
@inline
export function lanesOf(cache: CacheSlice): usize {
  return cache.ways > 16 ? 32 : 16;
}

/** Gives a slice its narrow layout beside the wide one. */
export function buildNarrow(cache: CacheSlice): void {
  if (cache.ways > MAX_NARROW_WAYS) return;
  const lanes = lanesOf(cache);
  cache.narrowCells = allocate(<usize>cache.sets * lanes * 4);
  if (cache.policy == LRU) {
    const owners = <usize>min(root().ownerCapacity, MAX_NARROW_OWNERS);
    cache.narrowAllowed = allocate(owners * cache.phases * lanes);
  }
  if (cache.policy == PLRU) buildTree(cache, lanes);
  emptyNarrow(cache);
}

export function emptyNarrow(cache: CacheSlice): void {
  const lanes = lanesOf(cache);
  for (let set: u32 = 0; set < cache.sets; set++) {
    const at = cache.narrowCells + <usize>set * lanes * 4;
    memory.fill(at, 0xff, lanes * 2);
    memory.fill(at + lanes * 2, 0, lanes);
    memory.fill(at + lanes * 3, <u8>NOBODY, lanes);
    if (cache.policy != LRU) continue;
    for (let lane: usize = 0; lane < lanes; lane++) store<u8>(at + lanes * 2 + lane, <u8>(lanes - 1 - lane));
  }
}

/** For each way: the state bits that an access to it clears, and those it sets, a vector of lanes each. */
function buildTree(cache: CacheSlice, lanes: usize): void {
  cache.tree = allocate(<usize>cache.ways * lanes * 2);
  for (let way: u32 = 0; way < cache.ways; way++) {
    const clears = cache.tree + <usize>way * lanes * 2;
    memory.fill(clears, 0xff, lanes);
    let low: u32 = 0;
    let node: u32 = 1;
    for (let half = leavesOf(cache) >>> 1; half != 0; half >>>= 1) {
      const up: u32 = way >= low + half ? 1 : 0;
      store<u8>(clears + node, 0xfe);
      store<u8>(clears + lanes + node, <u8>(1 - up));
      if (up) low += half;
      node = (node << 1) | up;
    }
  }
}

/** Leaves of the tree: the next power of two of the ways. */
export function leavesOf(cache: CacheSlice): u32 {
  return cache.ways == 1 ? 1 : 1 << (32 - <u32>clz(cache.ways - 1));
}

// What a set holds, for exports and for changing the layout.

export function narrowLine(cache: CacheSlice, set: u32, way: u32): i64 {
  const tag = <u32>load<u16>(narrowSet(cache, set) + (<usize>way << 1));
  return tag == EMPTY ? -1 : <i64>((tag << cache.setShift) | set);
}

export function narrowOwner(cache: CacheSlice, set: u32, way: u32): u32 {
  return load<u8>(narrowSet(cache, set) + lanesOf(cache) * 3 + way);
}

/** Age in the low bits, dirty in bit 7. Without recency ways have the ages that they were given once. */
export function narrowAge(cache: CacheSlice, set: u32, way: u32): u32 {
  const state = <u32>load<u8>(stateAt(cache, set) + way);
  return cache.policy == LRU ? state : (state & DIRTY) | (cache.ways - 1 - way);
}

export function putNarrow(cache: CacheSlice, set: u32, way: u32, line: i64, owner: u32, age: u32): void {
  const at = narrowSet(cache, set);
  const lanes = lanesOf(cache);
  if (line >= 0) {
    store<u16>(at + (<usize>way << 1), <u16>(<u32>line >>> cache.setShift));
    store<u8>(at + lanes * 3 + way, <u8>owner);
  }
  const state = stateAt(cache, set) + way;
  store<u8>(state, <u8>(cache.policy == LRU ? age : (age & DIRTY) | load<u8>(state)));
}

function narrowSet(cache: CacheSlice, set: u32): usize {
  return cache.narrowCells + <usize>set * lanesOf(cache) * 4;
}

function stateAt(cache: CacheSlice, set: u32): usize {
  return narrowSet(cache, set) + lanesOf(cache) * 2;
}

/** What the policy remembers of a set besides ages, as one word (model/wide.ts). */
export function narrowPolicy(cache: CacheSlice, set: u32): u64 {
  const at = stateAt(cache, set);
  if (cache.policy == LRU) return 0;
  if (cache.policy == RANDOM) return fillsIn(at);
  return <u64>bitsOf(at, lanesOf(cache));
}

export function putNarrowPolicy(cache: CacheSlice, set: u32, word: u64): void {
  const at = stateAt(cache, set);
  if (cache.policy == LRU) return;
  if (cache.policy == RANDOM) {
    setFills(at, <u32>word);
    return;
  }
  for (let lane: usize = 0; lane < lanesOf(cache); lane++) {
    store<u8>(at + lane, <u8>((load<u8>(at + lane) & DIRTY) | (<u32>(word >>> lane) & 1)));
  }
}

// What kernels share. `states` is where the state bytes of a set begin.

/** A bit for each lane whose state has bit 0. */
// @ts-ignore: decorator
@inline
export function bitsOf(states: usize, lanes: usize): u32 {
  if (!ASC_FEATURE_SIMD) return bitsInWords(states, lanes);
  const low = <u32>i8x16.bitmask(i8x16.shl(v128.load(states), 7));
  if (lanes == 16) return low;
  return low | (<u32>i8x16.bitmask(i8x16.shl(v128.load(states, 16), 7)) << 16);
}

function bitsInWords(states: usize, lanes: usize): u32 {
  let bits: u32 = 0;
  for (let lane: usize = 0; lane < lanes; lane += 8) {
    bits |= bitsOfWord(load<u64>(states + lane) & 0x0101_0101_0101_0101) << <u32>lane;
  }
  return bits;
}

/** How often a set was filled. */
// @ts-ignore: decorator
@inline
export function fillsIn(states: usize): u32 {
  let nibbles = load<u64>(states) & 0x0f0f_0f0f_0f0f_0f0f;
  nibbles = (nibbles | (nibbles >>> 4)) & 0x00ff_00ff_00ff_00ff;
  nibbles = (nibbles | (nibbles >>> 8)) & 0x0000_ffff_0000_ffff;
  return <u32>(nibbles | (nibbles >>> 16));
}

// @ts-ignore: decorator
@inline
export function setFills(states: usize, fills: u32): void {
  let nibbles = <u64>fills;
  nibbles = (nibbles | (nibbles << 16)) & 0x0000_ffff_0000_ffff;
  nibbles = (nibbles | (nibbles << 8)) & 0x00ff_00ff_00ff_00ff;
  nibbles = (nibbles | (nibbles << 4)) & 0x0f0f_0f0f_0f0f_0f0f;
  store<u64>(states, (load<u64>(states) & 0x8080_8080_8080_8080) | nibbles);
}
