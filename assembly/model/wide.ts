// The wide layout: any number of ways up to 64, 32-bit tags, 16-bit owners. A set is its tags, then its owners, then a state
// byte a way: age in bits 5:0 (0 newest, a permutation of the ways), valid in bit 6, dirty in bit 7. One record after the
// other, one way after the other: this is the path that is easy to see through.

import { nextOfPartition } from "../pe/owners";
import { root } from "../root";
import { CacheSlice, LINE, OwnerUse, UNLIMITED } from "./cache";

const AGE: u32 = 0x3f;
const VALID: u32 = 0x40;
const DIRTY: u32 = 0x80;
const NOBODY: u32 = u32.MAX_VALUE;

export function wideSetBytes(ways: u32): u32 {
  return (ways * 7 + 7) & ~7;
}

// @ts-ignore: decorator
@inline
function setAt(cache: CacheSlice, set: u32): usize {
  return cache.wideCells + <usize>set * cache.wideSetBytes;
}

// @ts-ignore: decorator
@inline
function ownerAt(cache: CacheSlice, set: usize, way: u32): usize {
  return set + cache.ways * 4 + (way << 1);
}

// @ts-ignore: decorator
@inline
function stateAt(cache: CacheSlice, set: usize, way: u32): usize {
  return set + cache.ways * 6 + way;
}

/** Empty ways are the oldest, the lowest way first. */
export function emptyWide(cache: CacheSlice): void {
  for (let set: u32 = 0; set < cache.sets; set++) {
    const at = setAt(cache, set);
    for (let way: u32 = 0; way < cache.ways; way++) store<u8>(stateAt(cache, at, way), <u8>(cache.ways - 1 - way));
  }
}

function find(cache: CacheSlice, set: usize, tag: u32): u32 {
  for (let way: u32 = 0; way < cache.ways; way++) {
    if (load<u32>(set + (way << 2)) == tag && load<u8>(stateAt(cache, set, way)) & VALID) return way;
  }
  return NOBODY;
}

/** Makes a way the newest: those younger than it age by one. */
function touch(cache: CacheSlice, set: usize, way: u32): void {
  const mine = stateAt(cache, set, way);
  const age = <u32>load<u8>(mine) & AGE;
  for (let other: u32 = 0; other < cache.ways; other++) {
    const at = stateAt(cache, set, other);
    if ((<u32>load<u8>(at) & AGE) < age) store<u8>(at, load<u8>(at) + 1);
  }
  store<u8>(mine, load<u8>(mine) & ~AGE);
}

function holds(cache: CacheSlice, set: usize, way: u32, owner: u32): bool {
  if ((load<u8>(stateAt(cache, set, way)) & VALID) == 0) return false;
  const holder = <u32>load<u16>(ownerAt(cache, set, way));
  let other = owner;
  do {
    if (other == holder) return true;
    other = nextOfPartition(other);
  } while (other != owner);
  return false;
}

/** The oldest way that the owner's portions and its limit leave open, or NOBODY. */
function victim(cache: CacheSlice, set: usize, owner: u32, phase: u32): u32 {
  const use = cache.use(owner);
  const open = load<u64>(cache.wideAllowed + ((<usize>owner * cache.phases + phase) << 3));
  const full = use.limit != UNLIMITED && cache.usage(owner) >= use.limit;
  let best = NOBODY;
  let oldest: i32 = -1;
  for (let way: u32 = 0; way < cache.ways; way++) {
    if (((open >>> way) & 1) == 0) continue;
    if (full && !holds(cache, set, way, owner)) continue;
    const age = <i32>(load<u8>(stateAt(cache, set, way)) & AGE);
    if (age <= oldest) continue;
    oldest = age;
    best = way;
  }
  return best;
}

/** CacheSlice.run on the wide layout: LRU. */
export function runWide(
  cache: CacheSlice,
  lines: usize,
  requesters: usize,
  metas: usize,
  n: u32,
  crossings: usize,
): usize {
  const labels = root().labels;
  const setMask = cache.sets - 1;
  for (let i: u32 = 0; i < n; i++) {
    const line = load<u32>(lines + (i << 2));
    const op = <u32>load<u8>(metas + i) >>> 6;
    const owner = <u32>load<u16>(labels + (((<usize>load<u16>(requesters + (i << 1)) << 2) | op) << 1));
    const write = op == 1;
    const tag = line >>> cache.setShift;
    const set = setAt(cache, line & setMask);
    const use = changetype<OwnerUse>(cache.use(owner));
    use.accesses++;
    let way = find(cache, set, tag);
    if (way == NOBODY) {
      way = victim(cache, set, owner, line & setMask & (cache.phases - 1));
      if (way == NOBODY) {
        // No way may be taken: the request passes down as it is, a line read or a line written.
        if (write) {
          use.writeBytes += LINE;
          use.passedWrites++;
        } else {
          use.readBytes += LINE;
          use.passedReads++;
        }
        store<u16>(crossings, <u16>((owner << 1) | (write ? 1 : 0)));
        crossings += 2;
        continue;
      }
      crossings = evict(cache, set, way, crossings);
      use.readBytes += LINE;
      store<u16>(crossings, <u16>(owner << 1));
      crossings += 2;
      store<u32>(set + (way << 2), tag);
      store<u16>(ownerAt(cache, set, way), <u16>owner);
    }
    touch(cache, set, way);
    const state = stateAt(cache, set, way);
    store<u8>(state, load<u8>(state) | VALID | (write ? DIRTY : 0));
  }
  return crossings;
}

/** Empties a way; a dirty line is written back under its own label. */
function evict(cache: CacheSlice, set: usize, way: u32, crossings: usize): usize {
  const state = stateAt(cache, set, way);
  const was = <u32>load<u8>(state);
  if ((was & VALID) == 0) return crossings;
  store<u8>(state, <u8>(was & AGE));
  const loser = <u32>load<u16>(ownerAt(cache, set, way));
  const use = cache.use(loser);
  use.evicted++;
  if ((was & DIRTY) == 0) return crossings;
  use.writeBytes += LINE;
  store<u16>(crossings, <u16>((loser << 1) | 1));
  return crossings + 2;
}

// What a way holds, and putting it there: for exports and for changing the layout.

export function wideLine(cache: CacheSlice, set: u32, way: u32): i64 {
  const at = setAt(cache, set);
  if ((load<u8>(stateAt(cache, at, way)) & VALID) == 0) return -1;
  return <i64>((load<u32>(at + (way << 2)) << cache.setShift) | set);
}

export function wideOwner(cache: CacheSlice, set: u32, way: u32): u32 {
  return load<u16>(ownerAt(cache, setAt(cache, set), way));
}

/** Age in bits 5:0, dirty in bit 7. */
export function wideAge(cache: CacheSlice, set: u32, way: u32): u32 {
  return <u32>load<u8>(stateAt(cache, setAt(cache, set), way)) & ~VALID;
}

/** `line` of -1 empties the way. */
export function putWide(cache: CacheSlice, set: u32, way: u32, line: i64, owner: u32, age: u32): void {
  const at = setAt(cache, set);
  store<u32>(at + (way << 2), line < 0 ? 0 : <u32>line >>> cache.setShift);
  store<u16>(ownerAt(cache, at, way), <u16>owner);
  store<u8>(stateAt(cache, at, way), <u8>(age | (line < 0 ? 0 : VALID)));
}
