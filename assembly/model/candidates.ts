// The ways that a request may take in the wide layout (registers.md 6.4).

import { CacheSlice, UNLIMITED } from "./cache";
import { Partition, partitionOf, RETAINS_DISABLED, retention } from "./partition";
import { emptyWays, ownerIn, waysOf } from "./wide";

/** A bit for each way of a set that a fill for `owner` may take. */
// @ts-ignore: decorator
@inline
export function candidates(cache: CacheSlice, set: usize, number: u32, owner: u32, lanes: u32): u64 {
  const phase = number & (cache.phases - 1);
  const open = load<u64>(cache.wideAllowed + ((<usize>owner * cache.phases + phase) << 3));
  const partition = partitionOf(cache, owner);
  const full = isFull(partition);
  if (open == 0 || (!full && !cache.extended)) return open;
  return chosen(cache, set, open, owner, partition, full, lanes);
}

/** Those of the open ways that the limits of the partition and what others retain leave. */
function chosen(
  cache: CacheSlice,
  set: usize,
  open: u64,
  owner: u32,
  partition: Partition,
  full: bool,
  lanes: u32,
): u64 {
  const empty = emptyWays(set, lanes);
  const own = heldWays(cache, set, owner, lanes) & ~empty;
  if (isCrowded(partition, own) || (full && partition.soft == 0)) return open & own;
  return (open & (own | empty)) | weaker(cache, set, open & ~own & ~empty, full ? RETAINS_DISABLED : retention(cache, owner));
}

/** Whether a limit of its own narrows the choice of an owner in a set. */
export function isLimited(cache: CacheSlice, set: usize, owner: u32): bool {
  const partition = partitionOf(cache, owner);
  if (isFull(partition)) return true;
  return partition.ways != UNLIMITED && isCrowded(partition, heldWays(cache, set, owner, cache.lanes) & ~emptyWays(set, cache.lanes));
}

// @ts-ignore: decorator
@inline
function isFull(partition: Partition): bool {
  return partition.limit != UNLIMITED && partition.lines >= partition.limit;
}

// @ts-ignore: decorator
@inline
function isCrowded(partition: Partition, own: u64): bool {
  return partition.ways != UNLIMITED && <u32>popcnt(own) >= partition.ways;
}

/** Ways that carry an owner of the same partition; the empty ones among them mean nothing. */
function heldWays(cache: CacheSlice, set: usize, owner: u32, lanes: u32): u64 {
  let ways: u64 = 0;
  let other = owner;
  do {
    ways |= waysOf(set, other, lanes);
    other = cache.nextOfPartition(other);
  } while (other != owner);
  return ways;
}

/** Those of some ways whose lines are retained no more than `rank`. No branch: what others retain is not to be guessed. */
function weaker(cache: CacheSlice, set: usize, ways: u64, rank: u32): u64 {
  let stronger: u64 = 0;
  for (let way: u32 = 0; way < cache.ways; way++) {
    stronger |= <u64>(retention(cache, ownerIn(cache, set, way)) > rank) << way;
  }
  return ways & ~stronger;
}
