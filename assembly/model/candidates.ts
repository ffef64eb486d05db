// The ways that a request may take (registers.md 6.4).

import { CacheSlice, UNLIMITED } from "./cache";
import { partitionOf, RETAINS_DISABLED, retention } from "./partition";
import { ownerIn, stateIn, VALID } from "./wide";
import { root } from "../root";

/** A bit for each way of a set that a fill for `owner` may take. Says in root.ownOnly whether a limit narrowed the choice. */
export function candidates(cache: CacheSlice, set: usize, number: u32, owner: u32): u64 {
  const phase = number & (cache.phases - 1);
  let open = load<u64>(cache.wideAllowed + ((<usize>owner * cache.phases + phase) << 3));
  const partition = partitionOf(cache, owner);
  const full = partition.limit != UNLIMITED && partition.lines >= partition.limit;
  const mine = cache.detail(owner).partition;
  const crowded = partition.ways != UNLIMITED && held(cache, set, mine) >= partition.ways;
  root().ownOnly = full || crowded ? 1 : 0;
  if (open == 0 || (!full && !crowded && !cache.extended)) return open;
  const rank = retention(cache, owner);
  for (let left = open; left != 0; left &= left - 1) {
    const way = <u32>ctz(left);
    if (!allowed(cache, set, way, mine, full, partition.soft != 0, crowded, rank)) open &= ~(<u64>1 << way);
  }
  return open;
}

function allowed(
  cache: CacheSlice,
  set: usize,
  way: u32,
  mine: u32,
  full: bool,
  soft: bool,
  crowded: bool,
  rank: u32,
): bool {
  const empty = (stateIn(cache, set, way) & VALID) == 0;
  const holder = ownerIn(cache, set, way);
  if (!empty && cache.detail(holder).partition == mine) return true;
  if (crowded) return false;
  if (empty) return !full || soft;
  const its = retention(cache, holder);
  if (full && !(soft && its == RETAINS_DISABLED)) return false;
  return its <= rank;
}

/** Ways of a set whose lines are a partition's. */
function held(cache: CacheSlice, set: usize, mine: u32): u32 {
  let ways: u32 = 0;
  for (let way: u32 = 0; way < cache.ways; way++) {
    if (stateIn(cache, set, way) & VALID && cache.detail(ownerIn(cache, set, way)).partition == mine) ways++;
  }
  return ways;
}
