// Which layout each slice is in, and changing it, through what each way holds: the line, its owner, its age and whether it is dirty.

import { root } from "../root";
import { CacheSlice, DIRTY, LRU, sliceAt } from "./cache";
import {
  EMPTY,
  emptyNarrow,
  MAX_NARROW_OWNERS,
  narrowAge,
  narrowLine,
  narrowOwner,
  narrowPolicy,
  putNarrow,
  putNarrowPolicy,
} from "./narrow";
import { countLines } from "./partition";
import { putWide, putWidePolicy, wideAge, wideLine, wideOwner, widePolicy } from "./wide";

/** Chooses the layout of every slice for what is coming, at an edge. */
export function fitAll(wide: bool): void {
  const r = root();
  for (let n: u32 = 0; n < r.sliceCount; n++) {
    const cache = sliceAt(n);
    setWide(cache, wide || !fits(cache) || (cache.wide != 0 && !contentsFit(cache)));
  }
}

/** Whether the narrow layout knows the labels, the controls and the addresses that there are. */
function fits(cache: CacheSlice): bool {
  const r = root();
  if (cache.narrowCells == 0 || cache.extended || r.detailed || r.general) return false;
  return r.ownerCount <= MAX_NARROW_OWNERS && r.highest >>> cache.setShift < EMPTY;
}

/** Lines with numbers up to `highest` come, and those that are there may move down. */
export function expect(highest: u32): void {
  const r = root();
  if (highest < r.highest) {
    for (let n: u32 = 0; n < r.sliceCount; n++) highest = max(highest, highestIn(sliceAt(n)));
  }
  r.highest = highest;
}

function highestIn(cache: CacheSlice): u32 {
  let highest: i64 = 0;
  for (let set: u32 = 0; set < cache.sets; set++) {
    for (let way: u32 = 0; way < cache.ways; way++) highest = max(highest, lineAt(cache, set, way));
  }
  return <u32>highest;
}

function contentsFit(cache: CacheSlice): bool {
  for (let set: u32 = 0; set < cache.sets; set++) {
    for (let way: u32 = 0; way < cache.ways; way++) {
      const line = wideLine(cache, set, way);
      if (line >= 0 && (<u32>line >>> cache.setShift >= EMPTY || wideOwner(cache, set, way) >= MAX_NARROW_OWNERS)) return false;
    }
  }
  return true;
}

/** Changes a layout: narrow only where it fits. */
function setWide(cache: CacheSlice, wide: bool): void {
  if (wide == (cache.wide != 0)) return;
  if (wide) widen(cache);
  else narrow(cache);
  cache.wide = wide ? 1 : 0;
  countLines(cache);
}

/** The narrow ages order all lanes; the wide ones only the ways there are. */
function widen(cache: CacheSlice): void {
  for (let set: u32 = 0; set < cache.sets; set++) {
    for (let way: u32 = 0; way < cache.ways; way++) {
      const mine = narrowAge(cache, set, way);
      const age = cache.policy == LRU ? rankOf(cache, set, mine) | (mine & DIRTY) : mine;
      putWide(cache, set, way, narrowLine(cache, set, way), narrowOwner(cache, set, way), age);
    }
    putWidePolicy(cache, set, narrowPolicy(cache, set));
  }
}

function rankOf(cache: CacheSlice, set: u32, age: u32): u32 {
  let rank: u32 = 0;
  for (let other: u32 = 0; other < cache.ways; other++) {
    if ((narrowAge(cache, set, other) & ~DIRTY) < (age & ~DIRTY)) rank++;
  }
  return rank;
}

/** Lanes past the ways are never candidates: any age will do there. */
function narrow(cache: CacheSlice): void {
  emptyNarrow(cache);
  for (let set: u32 = 0; set < cache.sets; set++) {
    putNarrowPolicy(cache, set, widePolicy(cache, set));
    for (let way: u32 = 0; way < cache.ways; way++) {
      putNarrow(cache, set, way, wideLine(cache, set, way), wideOwner(cache, set, way), wideAge(cache, set, way));
    }
  }
}

// What a way holds, whichever the layout.

export function lineAt(cache: CacheSlice, set: u32, way: u32): i64 {
  return cache.wide ? wideLine(cache, set, way) : narrowLine(cache, set, way);
}

export function ownerAt(cache: CacheSlice, set: u32, way: u32): u32 {
  return cache.wide ? wideOwner(cache, set, way) : narrowOwner(cache, set, way);
}

/** Age in the low bits, smaller is newer; dirty in bit 7. */
export function ageAt(cache: CacheSlice, set: u32, way: u32): u32 {
  return cache.wide ? wideAge(cache, set, way) : narrowAge(cache, set, way);
}

/** Dirty lines whose owner has a mark: a byte for each owner. */
export function dirtyLines(cache: CacheSlice, marks: usize): u32 {
  let lines: u32 = 0;
  for (let set: u32 = 0; set < cache.sets; set++) {
    for (let way: u32 = 0; way < cache.ways; way++) {
      if (lineAt(cache, set, way) < 0 || (ageAt(cache, set, way) & DIRTY) == 0) continue;
      lines += load<u8>(marks + ownerAt(cache, set, way));
    }
  }
  return lines;
}

/** An empty way among those of `writeOwners`. */
const NO_OWNER: u16 = 0xffff;

/** Owner [14:0] and dirty [15] of every way of `count` sets, each `step` after the one before, as u16 from `out` on. */
export function writeOwners(cache: CacheSlice, first: u32, count: u32, step: u32, out: usize): void {
  for (let n: u32 = 0; n < count; n++) {
    const set = first + n * step;
    for (let way: u32 = 0; way < cache.ways; way++, out += 2) {
      if (lineAt(cache, set, way) < 0) store<u16>(out, NO_OWNER);
      else store<u16>(out, <u16>(ownerAt(cache, set, way) | ((ageAt(cache, set, way) & DIRTY) << 8)));
    }
  }
}
