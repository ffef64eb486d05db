// The way of a request through the levels, one request after the other: the path that is easy to see through, and that
// knows every rule (docs/modelled.md, "The way of a request" and "Caches").

import { reportRequest } from "../msc/requests";
import { root } from "../root";
import { ASKED, SERVED, stopAt, WRITTEN } from "./border";
import { candidates } from "./candidates";
import { CacheSlice, DIRTY, INCLUSIVE, LOST_INCLUSION, NO_WAY, RANK_AS_CAME, RELABEL, sliceAt } from "./cache";
import { Channel } from "./channel";
import {
  countEviction,
  countLoss,
  countRange,
  empty,
  fill,
  RANGE_DEMANDS,
  RANGE_EVICTIONS,
  RANGE_MISSES,
  relabel,
} from "./lines";
import { channelOf } from "./memory";
import { choose, touch } from "./policy";
import { holdAt, letsThrough } from "./regulator";
import { sliceFor } from "./request";
import { find, lineIn, ownerIn, setAt, setState, stateIn, VALID } from "./wide";

/**
 * A demand reaches a slice: a record's, or the level above asks for a line. `write` only where records enter. True where the
 * level above may keep the line.
 */
export function demand(cache: CacheSlice, line: u32, owner: u32, write: bool, rank: u32): bool {
  const r = root();
  if (cache.below == 0) {
    r.partLeft = 1;
    if (cache.border != SERVED) {
      stopAt(cache, line, owner, ASKED);
      return true;
    }
  }
  if (cache.offending != 0) reportRequest(changetype<usize>(cache), owner);
  const number = line & (cache.sets - 1);
  const set = setAt(cache, number);
  const use = cache.use(owner);
  use.accesses++;
  countRange(cache, number, RANGE_DEMANDS);
  const found = find(set, line >>> cache.setShift, cache.lanes);
  if (found != NO_WAY) {
    r.partServiceNs = cache.latencyNs;
    touch(cache, set, found, cache.lanes);
    if (write) {
      setState(cache, set, found, stateIn(cache, set, found) | DIRTY);
      if (cache.flags & RELABEL) relabel(cache, set, found, owner);
    }
    return true;
  }
  countRange(cache, number, RANGE_MISSES);
  const open = candidates(cache, set, number, owner, cache.lanes);
  if (open == 0) return pass(cache, line, owner, write, rank);
  const way = choose(cache, set, number, open, cache.lanes);
  evict(cache, set, number, way, owner);
  use.readLines++;
  if (!down(cache, line, owner, false, true, rank)) {
    use.passedReads++;
    if (write) {
      use.writtenLines++;
      down(cache, line, owner, true, false, rank);
    }
    return false;
  }
  fill(cache, set, way, line, owner, write);
  return true;
}

/** Nothing may be taken: the request passes by. */
function pass(cache: CacheSlice, line: u32, owner: u32, write: bool, rank: u32): bool {
  const use = cache.use(owner);
  if (write) {
    use.writtenLines++;
    use.passedWrites++;
  } else {
    use.readLines++;
    use.passedReads++;
  }
  const kept = down(cache, line, owner, write, true, rank);
  return kept && (cache.flags & INCLUSIVE) == 0;
}

/** A line written by the level above: one that it lost, or a write that passed it by (then `demanded`). */
export function writeBack(cache: CacheSlice, line: u32, owner: u32, demanded: bool, rank: u32): void {
  const r = root();
  if (cache.below == 0) {
    r.partLeft = 1;
    if (cache.border != SERVED) return stopAt(cache, line, owner, WRITTEN);
  }
  if (cache.offending != 0) reportRequest(changetype<usize>(cache), owner);
  const number = line & (cache.sets - 1);
  const set = setAt(cache, number);
  const found = find(set, line >>> cache.setShift, cache.lanes);
  if (found != NO_WAY) {
    if (demanded) r.partServiceNs = cache.latencyNs;
    touch(cache, set, found, cache.lanes);
    setState(cache, set, found, stateIn(cache, set, found) | DIRTY);
    return;
  }
  const open = candidates(cache, set, number, owner, cache.lanes);
  if (open == 0) {
    cache.use(owner).writtenLines++;
    down(cache, line, owner, true, demanded, rank);
    return;
  }
  if (demanded) r.partServiceNs = cache.latencyNs;
  const way = choose(cache, set, number, open, cache.lanes);
  evict(cache, set, number, way, owner);
  cache.use(owner).gained++;
  fill(cache, set, way, line, owner, true);
}

/** Empties a way for a request of `owner`; a dirty line is written down under its own label. */
function evict(cache: CacheSlice, set: usize, number: u32, way: u32, owner: u32): void {
  if ((stateIn(cache, set, way) & VALID) == 0) return;
  const line = lineIn(cache, set, number, way);
  const loser = ownerIn(cache, set, way);
  countRange(cache, number, RANGE_EVICTIONS);
  countEviction(cache, set, loser, owner);
  cache.use(loser).evicted++;
  const above = cache.flags & INCLUSIVE ? dropAbove(cache, line) : false;
  const dirty = empty(cache, set, way, loser) || above;
  if (!dirty) return;
  cache.use(loser).writtenLines++;
  down(cache, line, loser, true, false, 0);
}

/** Takes a line out of all caches above one, top level first; whether one of them held it dirty. */
function dropAbove(cache: CacheSlice, line: u32): bool {
  const r = root();
  const first = <usize>load<u32>(r.resources + (<usize>(cache.index - cache.slice) << 2));
  let dirty = false;
  for (let n: u32 = 0; n < r.sliceCount; n++) {
    const above = sliceAt(n);
    if (above.below != first || above.slice != 0) continue;
    const slice = sliceFor(changetype<usize>(above), line);
    if (dropAbove(slice, line)) dirty = true;
    const set = setAt(slice, line & (slice.sets - 1));
    const way = find(set, line >>> slice.setShift, slice.lanes);
    if (way == NO_WAY) continue;
    const loser = ownerIn(slice, set, way);
    countLoss(slice, loser, LOST_INCLUSION);
    slice.use(loser).gained--;
    if (empty(slice, set, way, loser)) dirty = true;
  }
  return dirty;
}

/** Something crosses the downstream side of a slice, or is held there. True where the level above may keep the line. */
function down(cache: CacheSlice, line: u32, owner: u32, write: bool, demanded: bool, rank: u32): bool {
  const r = root();
  if (r.closed && cache.port != 0 && !letsThrough(cache.port, owner, <u32>1 << r.lineShift)) {
    holdAt(cache.port, line, owner, <u32>1 << r.lineShift, write, demanded, rank);
    return true;
  }
  return beyond(cache, line, owner, write, demanded, rank);
}

/** What the downstream side has let through arrives below, with the priority that the slice gives it. */
export function beyond(cache: CacheSlice, line: u32, owner: u32, write: bool, demanded: bool, came: u32): bool {
  const own = cache.detail(owner).rank;
  const rank = own == RANK_AS_CAME ? came : own;
  const out = cache.egress == 0 ? owner : <u32>load<u16>(cache.egress + (<usize>owner << 1));
  if (cache.below == 0) {
    const r = root();
    if (r.nodeCount != 0) arrive(channelOf(line), line, out, write, <u32>1 << r.lineShift, demanded, rank);
    return true;
  }
  const next = sliceFor(cache.below, line);
  if (!write) return demand(next, line, out, false, rank);
  writeBack(next, line, out, demanded, rank);
  return true;
}

/** A request reaches a channel. */
export function arrive(
  channel: Channel,
  line: u32,
  owner: u32,
  write: bool,
  bytes: u32,
  demanded: bool,
  rank: u32,
): void {
  const r = root();
  r.partLeft = 1;
  if (demanded) r.partServiceNs = channel.latencyNs;
  if (channel.offending != 0) reportRequest(changetype<usize>(channel), owner);
  if (r.closed && !letsThrough(channel.port, owner, bytes)) {
    holdAt(channel.port, line, owner, bytes, write, demanded, rank);
    return;
  }
  channel.serveOne(owner, write, bytes);
}
