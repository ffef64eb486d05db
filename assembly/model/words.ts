// What the wide layout asks of a set where there are no vectors: eight ways at a time, in a word. The same answers as wide.ts
// has; the build without SIMD is for hosts that have none, such as C through wasm2c.

import { NO_WAY } from "./cache";

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;
const AGES: u64 = 0x3f3f_3f3f_3f3f_3f3f;
const AGE: u32 = 0x3f;
const VALID: u32 = 0x40;

/** A bit for each of eight bytes, which are 0 or 1. */
// @ts-ignore: decorator
@inline
export function bitsOf(bytes: u64): u32 {
  return <u32>((bytes * 0x0102_0408_1020_4080) >>> 56);
}

// @ts-ignore: decorator
@inline
export function find(set: usize, tag: u32, lanes: u32): u32 {
  const states = set + lanes * 6;
  for (let way: u32 = 0; way < lanes; way++) {
    if (load<u32>(set + (way << 2)) == tag && load<u8>(states + way) & VALID) return way;
  }
  return NO_WAY;
}

// @ts-ignore: decorator
@inline
export function emptyWays(set: usize, lanes: u32): u64 {
  const states = set + lanes * 6;
  let mask: u64 = 0;
  for (let way: u32 = 0; way < lanes; way += 8) {
    mask |= <u64>bitsOf((~load<u64>(states + way) >>> 6) & ONES) << way;
  }
  return mask;
}

export function waysOf(set: usize, owner: u32, lanes: u32): u64 {
  const owners = set + lanes * 4;
  let mask: u64 = 0;
  for (let way: u32 = 0; way < lanes; way++) {
    if (<u32>load<u16>(owners + (way << 1)) == owner) mask |= <u64>1 << way;
  }
  return mask;
}

// @ts-ignore: decorator
@inline
export function oldest(set: usize, candidates: u64, lanes: u32): u32 {
  const states = set + lanes * 6;
  let best: u32 = 0;
  let most: i32 = -1;
  for (let left = candidates; left != 0; left &= left - 1) {
    const way = <u32>ctz(left);
    const age = <i32>(<u32>load<u8>(states + way) & AGE);
    if (age <= most) continue;
    most = age;
    best = way;
  }
  return best;
}

/** A byte of age and 128 less the limit keeps its high bit when it is not below the limit. */
// @ts-ignore: decorator
@inline
export function ageYounger(states: usize, age: u32, lanes: u32): void {
  const limit = <u64>(0x80 - age) * ONES;
  for (let way: u32 = 0; way < lanes; way += 8) {
    const all = load<u64>(states + way);
    store<u64>(states + way, all + ((~((all & AGES) + limit) & HIGH) >>> 7));
  }
}
