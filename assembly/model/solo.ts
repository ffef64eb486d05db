// The fast kernels of a machine with one cache in front of one channel, or of none: labels, the cache and what crosses to the
// channel in one pass.

import { LOOK_AHEAD, root } from "../root";
import { CacheSlice, DIRTY, LRU, NO_WAY, NRU, OwnerUse, PLRU, RANDOM } from "./cache";
import { lanesOf } from "./narrow";
import { bitsIn, lanesWith, take, touch } from "./narrow-set";

/**
 * Takes `n` records (columns: line u32, requester u16, meta u8 with the op in bits 7:6) and appends what crosses to the
 * channel at `crossings`, as u16 keys owner * 2 + (1 for a write), a line each. Returns where the keys end.
 */
export function runSolo(
  cache: CacheSlice,
  lines: usize,
  requesters: usize,
  metas: usize,
  n: u32,
  crossings: usize,
): usize {
  if (lanesOf(cache) == 16) {
    switch (cache.policy) {
      case LRU:
        return lru16(cache, lines, requesters, metas, n, crossings);
      case PLRU:
        return plru16(cache, lines, requesters, metas, n, crossings);
      case NRU:
        return nru16(cache, lines, requesters, metas, n, crossings);
      default:
        return random16(cache, lines, requesters, metas, n, crossings);
    }
  }
  switch (cache.policy) {
    case LRU:
      return lru32(cache, lines, requesters, metas, n, crossings);
    case PLRU:
      return plru32(cache, lines, requesters, metas, n, crossings);
    case NRU:
      return nru32(cache, lines, requesters, metas, n, crossings);
    default:
      return random32(cache, lines, requesters, metas, n, crossings);
  }
}

// A kernel for each shape, as V8 compiles and optimises functions one by one.

function lru16(cache: CacheSlice, lines: usize, requesters: usize, metas: usize, n: u32, crossings: usize): usize {
  return run(cache, lines, requesters, metas, n, crossings, LRU, 16);
}

function plru16(cache: CacheSlice, lines: usize, requesters: usize, metas: usize, n: u32, crossings: usize): usize {
  return run(cache, lines, requesters, metas, n, crossings, PLRU, 16);
}

function nru16(cache: CacheSlice, lines: usize, requesters: usize, metas: usize, n: u32, crossings: usize): usize {
  return run(cache, lines, requesters, metas, n, crossings, NRU, 16);
}

function random16(cache: CacheSlice, lines: usize, requesters: usize, metas: usize, n: u32, crossings: usize): usize {
  return run(cache, lines, requesters, metas, n, crossings, RANDOM, 16);
}

function lru32(cache: CacheSlice, lines: usize, requesters: usize, metas: usize, n: u32, crossings: usize): usize {
  return run(cache, lines, requesters, metas, n, crossings, LRU, 32);
}

function plru32(cache: CacheSlice, lines: usize, requesters: usize, metas: usize, n: u32, crossings: usize): usize {
  return run(cache, lines, requesters, metas, n, crossings, PLRU, 32);
}

function nru32(cache: CacheSlice, lines: usize, requesters: usize, metas: usize, n: u32, crossings: usize): usize {
  return run(cache, lines, requesters, metas, n, crossings, NRU, 32);
}

function random32(cache: CacheSlice, lines: usize, requesters: usize, metas: usize, n: u32, crossings: usize): usize {
  return run(cache, lines, requesters, metas, n, crossings, RANDOM, 32);
}

/** No way may be taken: the request passes down as it is, a line read or a line written. */
function pass(use: OwnerUse, owner: u32, write: u32, crossings: usize): usize {
  if (write) {
    use.writtenLines++;
    use.passedWrites++;
  } else {
    use.readLines++;
    use.passedReads++;
  }
  store<u16>(crossings, <u16>((owner << 1) | write));
  return crossings + 2;
}

// @ts-ignore: decorator
@inline
function run(
  cache: CacheSlice,
  lines: usize,
  requesters: usize,
  metas: usize,
  n: u32,
  crossings: usize,
  policy: u32,
  lanes: usize,
): usize {
  const r = root();
  const labels = r.labels;
  const cells = cache.narrowCells;
  const uses = cache.uses;
  const setMask = cache.sets - 1;
  const setShift = cache.setShift;
  const end = lines + (n << 2);

  for (; lines < end; lines += 4, requesters += 2, metas++) {
    r.sink = load<u32>(cells + <usize>(load<u32>(lines, LOOK_AHEAD << 2) & setMask) * lanes * 4);
    const line = load<u32>(lines);
    const op = <u32>load<u8>(metas) >>> 6;
    const owner = <u32>load<u16>(labels + (((<usize>load<u16>(requesters) << 2) | op) << 1));
    const set = cells + <usize>(line & setMask) * lanes * 4;
    const states = set + lanes * 2;
    const use = changetype<OwnerUse>(uses + (<usize>owner << 6));
    const write = <u32>(op == 1);
    const low = lanesWith(set, line >>> setShift);
    const high = lanes == 16 ? low : lanesWith(set + 32, line >>> setShift);
    const found = bitsIn(low, high, lanes);
    use.accesses++;
    if (found != 0) {
      touch(cache, states, ctz(found), low, high, write << 7, policy, lanes);
      continue;
    }
    const taken = take(cache, use, set, line & setMask, owner, write << 7, policy, lanes);
    if (taken == NO_WAY) {
      crossings = pass(use, owner, write, crossings);
      continue;
    }
    const way = taken & ~DIRTY;
    const wasDirty = taken & DIRTY;
    // No branch on whether the victim was dirty: it would be guessed wrong half of the time. Its key is written in any case
    // and stays only if the line was dirty.
    const loser = <u32>load<u8>(set + lanes * 3 + way);
    const loserUse = changetype<OwnerUse>(uses + (<usize>loser << 6));
    loserUse.evicted++;
    loserUse.writtenLines += wasDirty >>> 7;
    store<u16>(crossings, <u16>((loser << 1) | 1));
    crossings += wasDirty >>> 6;
    use.readLines++;
    store<u16>(crossings, <u16>(owner << 1));
    crossings += 2;
    store<u16>(set + (way << 1), <u16>(line >>> setShift));
    store<u8>(set + lanes * 3 + way, <u8>owner);
  }
  r.sink = 0;
  return crossings;
}
