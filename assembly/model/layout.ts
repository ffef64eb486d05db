// Changing a cache between its layouts, through what each way holds: the line, its owner, its age and whether it is dirty.

import { root } from "../root";
import { CacheSlice } from "./cache";
import { countLines } from "./partition";
import { AGES, EMPTY, emptyNarrow, MAX_NARROW_OWNERS, MAX_NARROW_WAYS, OWNERS, SET_BYTES } from "./narrow";
import { putWide, wideAge, wideLine, wideOwner } from "./wide";

const DIRTY: u32 = 0x80;

/** Chooses the layout for what is coming: lines up to `highest`, labels under numbers below `owners`. */
export function fit(cache: CacheSlice, highest: u32, owners: u32): void {
  const narrow =
    cache.narrowCells != 0 &&
    !cache.extended &&
    !root().detailed &&
    owners <= MAX_NARROW_OWNERS &&
    highest >>> cache.setShift < EMPTY &&
    (!cache.wide || contentsFit(cache));
  setWide(cache, !narrow);
}

/** Changes the layout. Back to narrow only where `fit` would. */
export function setWide(cache: CacheSlice, wide: bool): void {
  if (wide == (cache.wide != 0)) return;
  if (wide) widen(cache);
  else narrow(cache);
  cache.wide = wide ? 1 : 0;
  countLines(cache);
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

/** The narrow ages order all 16 lanes; the wide ones only the ways there are. */
function widen(cache: CacheSlice): void {
  for (let set: u32 = 0; set < cache.sets; set++) {
    for (let way: u32 = 0; way < cache.ways; way++) {
      const mine = narrowAge(cache, set, way);
      let rank: u32 = 0;
      for (let other: u32 = 0; other < cache.ways; other++) {
        if ((narrowAge(cache, set, other) & ~DIRTY) < (mine & ~DIRTY)) rank++;
      }
      putWide(cache, set, way, narrowLine(cache, set, way), narrowOwner(cache, set, way), rank | (mine & DIRTY));
    }
  }
}

/** Lanes past the ways are never candidates: any age will do that leaves the 16 a permutation. */
function narrow(cache: CacheSlice): void {
  emptyNarrow(cache);
  for (let set: u32 = 0; set < cache.sets; set++) {
    const at = cache.narrowCells + <usize>set * SET_BYTES;
    for (let way: u32 = 0; way < MAX_NARROW_WAYS; way++) {
      if (way >= cache.ways) {
        store<u8>(at + way, <u8>way, AGES);
        continue;
      }
      const line = wideLine(cache, set, way);
      store<u8>(at + way, <u8>wideAge(cache, set, way), AGES);
      if (line < 0) continue;
      store<u16>(at + (way << 1), <u16>(<u32>line >>> cache.setShift));
      store<u8>(at + way, <u8>wideOwner(cache, set, way), OWNERS);
    }
  }
}

function narrowLine(cache: CacheSlice, set: u32, way: u32): i64 {
  const tag = <u32>load<u16>(cache.narrowCells + <usize>set * SET_BYTES + (way << 1));
  return tag == EMPTY ? -1 : <i64>((tag << cache.setShift) | set);
}

function narrowOwner(cache: CacheSlice, set: u32, way: u32): u32 {
  return load<u8>(cache.narrowCells + <usize>set * SET_BYTES + way, OWNERS);
}

function narrowAge(cache: CacheSlice, set: u32, way: u32): u32 {
  return load<u8>(cache.narrowCells + <usize>set * SET_BYTES + way, AGES);
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
