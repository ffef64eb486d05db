// The narrow layout: one simulated set is one 64-byte line of the host (performance.md, section B): 16 tags of 16 bits,
// 16 ages, 16 owners. Ages are a permutation of 0 (newest) to 15 (oldest), so an empty way is the oldest by construction
// and needs no valid bit; bit 7 of an age byte is the dirty bit. Tag 0xffff marks an empty way.

import { LOOK_AHEAD, root } from "../root";
import { CacheSlice, OwnerUse, UNLIMITED } from "./cache";

export const SET_BYTES: usize = 64;
export const AGES: usize = 32;
export const OWNERS: usize = 48;
export const EMPTY: u32 = 0xffff;
export const DIRTY: u32 = 0x80;
export const MAX_NARROW_WAYS: u32 = 16;
export const MAX_NARROW_OWNERS: u32 = 255;

/** Whom an empty way belongs to: counts under this number mean nothing, and losing it costs nobody anything. */
const NOBODY: i8 = -1;

export function emptyNarrow(cache: CacheSlice): void {
  const empty = i16x8.splat(<i16>EMPTY);
  const ages = i8x16(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
  for (let set: u32 = 0; set < cache.sets; set++) {
    const at = cache.narrowCells + <usize>set * SET_BYTES;
    v128.store(at, empty);
    v128.store(at, empty, 16);
    v128.store(at, ages, AGES);
    v128.store(at, i8x16.splat(NOBODY), OWNERS);
  }
}

/** 0xff in the ways of a set that the PARTID of `owner` holds. */
function heldByPartition(cache: CacheSlice, set: usize, owner: u32): v128 {
  const owners = v128.load(set, OWNERS);
  let held = i8x16.splat(0);
  let other = owner;
  do {
    if (other < MAX_NARROW_OWNERS) held = v128.or(held, i8x16.eq(owners, i8x16.splat(<i8>other)));
    other = cache.nextOfPartition(other);
  } while (other != owner);
  return held;
}

/** No way may be taken: the request passes down as it is, a line read or a line written. */
function pass(use: OwnerUse, owner: u32, dirty: u32, crossings: usize): usize {
  if (dirty) {
    use.writtenLines++;
    use.passedWrites++;
  } else {
    use.readLines++;
    use.passedReads++;
  }
  store<u16>(crossings, <u16>((owner << 1) | (dirty >>> 7)));
  return crossings + 2;
}

/**
 * Takes `n` records (columns: line u32, requester u16, meta u8 with the op in bits 7:6) and appends what crosses to the
 * next level at `crossings`, as u16 keys owner * 2 + (1 for a write), a line each. Returns where the keys end.
 */
export function runNarrow(
  cache: CacheSlice,
  lines: usize,
  requesters: usize,
  metas: usize,
  n: u32,
  crossings: usize,
): usize {
  const r = root();
  const labels = r.labels;
  const cells = cache.narrowCells;
  const uses = cache.uses;
  const allowed = cache.narrowAllowed;
  const setMask = cache.sets - 1;
  const setShift = cache.setShift;
  const alike = cache.phases == 1;
  const phaseMask = cache.phases - 1;
  const phaseShift = 4 + ctz(cache.phases);
  const low7 = i8x16.splat(0x7f);
  const end = lines + (n << 2);

  for (; lines < end; lines += 4, requesters += 2, metas++) {
    r.sink = load<u32>(cells + (<usize>(load<u32>(lines, LOOK_AHEAD << 2) & setMask) << 6));
    const line = load<u32>(lines);
    const op = <u32>load<u8>(metas) >>> 6;
    const owner = <u32>load<u16>(labels + (((<usize>load<u16>(requesters) << 2) | op) << 1));
    const set = cells + (<usize>(line & setMask) << 6);
    const use = changetype<OwnerUse>(uses + (<usize>owner << 6));
    const tag = i16x8.splat(<i16>(line >>> setShift));
    const match = i8x16.narrow_i16x8_s(i16x8.eq(v128.load(set), tag), i16x8.eq(v128.load(set, 16), tag));
    const hit = i8x16.bitmask(match);
    const dirty = <u32>(op == 1) << 7;
    use.accesses++;
    if (hit != 0) {
      const ages = v128.load(set, AGES);
      const age = i8x16.splat(<i8>(<u32>load<u8>(set + ctz(hit), AGES) & 0x7f));
      const younger = i8x16.lt_s(v128.and(ages, low7), age);
      const aged = v128.andnot(i8x16.sub(ages, younger), v128.and(match, low7));
      v128.store(set, v128.or(aged, v128.and(match, i8x16.splat(<i8>dirty))), AGES);
      continue;
    }

    const ages = v128.load(set, AGES);
    const clean = v128.and(ages, low7);
    const open = alike
      ? v128.load(changetype<usize>(use), offsetof<OwnerUse>("openLow"))
      : v128.load(allowed + (<usize>owner << phaseShift) + ((line & setMask & phaseMask) << 4));
    let candidates = v128.and(i8x16.add(clean, i8x16.splat(1)), open);
    if (use.limit != UNLIMITED) {
      if (cache.usage(owner) >= use.limit) candidates = v128.and(candidates, heldByPartition(cache, set, owner));
    }
    if (!v128.any_true(candidates)) {
      crossings = pass(use, owner, dirty, crossings);
      continue;
    }
    let oldest = i8x16.max_u(
      candidates,
      i8x16.shuffle(candidates, candidates, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7),
    );
    oldest = i8x16.max_u(oldest, i8x16.shuffle(oldest, oldest, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11));
    oldest = i8x16.max_u(oldest, i8x16.shuffle(oldest, oldest, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13));
    oldest = i8x16.max_u(oldest, i8x16.shuffle(oldest, oldest, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14));
    const victim = i8x16.eq(candidates, oldest);
    const way = ctz(i8x16.bitmask(victim));
    // No branch on whether the victim was dirty: it would be guessed wrong half of the time. Its key is written in any case
    // and stays only if the line was dirty.
    const loser = <u32>load<u8>(set + way, OWNERS);
    const wasDirty = <u32>load<u8>(set + way, AGES) & DIRTY;
    const loserUse = changetype<OwnerUse>(uses + (<usize>loser << 6));
    loserUse.evicted++;
    loserUse.writtenLines += wasDirty >>> 7;
    store<u16>(crossings, <u16>((loser << 1) | 1));
    crossings += wasDirty >>> 6;
    use.readLines++;
    store<u16>(crossings, <u16>(owner << 1));
    crossings += 2;
    store<u16>(set + (way << 1), <u16>(line >>> setShift));
    store<u8>(set + way, <u8>owner, OWNERS);
    // The age of the victim is `oldest` - 1: younger are those below it, and the victim becomes the newest.
    const younger = i8x16.lt_s(clean, i8x16.sub(oldest, i8x16.splat(1)));
    const aged = v128.andnot(i8x16.sub(ages, younger), victim);
    v128.store(set, v128.or(aged, v128.and(victim, i8x16.splat(<i8>dirty))), AGES);
  }
  r.sink = 0;
  return crossings;
}
