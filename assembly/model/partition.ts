// Whose lines of a slice count together: owners of one PARTID, or of PARTIDs that share an intPARTID. A partition goes by
// the number of its first owner.

import { mix } from "../mixer";
import { owner } from "../pe/owners";
import { allocate, root } from "../root";
import { CacheSlice } from "./cache";

@unmanaged
export class Partition {
  key: u32;
  /** Lines held. Kept up by the general path, and counted anew at every edge. */
  lines: u32;
  /** MPAMCFG_CMAX in lines, or UNLIMITED; 1: at the limit it may take empty ways and lines of disabled PARTIDs too. */
  limit: u32;
  soft: u32;
  /** MPAMCFG_CMIN in lines. */
  least: u32;
  /** MPAMCFG_CASSOC in ways, or UNLIMITED. */
  ways: u32;
  /** How its lines are retained, but for those of disabled PARTIDs. */
  rank: u32;
}

// Line retention (registers.md 6.4); an empty way has 0.
export const RETAINS_DISABLED: u32 = 1;
const RETAINS_ABOVE: u32 = 2;
const RETAINS_WITHIN: u32 = 3;
const RETAINS_BELOW: u32 = 4;

export function buildPartitions(cache: CacheSlice): void {
  cache.partitions = allocate(<usize>root().ownerCapacity * offsetof<Partition>());
  cache.retentions = allocate(max(root().ownerCapacity, 64));
}

// @ts-ignore: decorator
@inline
export function partitionAt(cache: CacheSlice, number: u32): Partition {
  return changetype<Partition>(cache.partitions + <usize>number * offsetof<Partition>());
}

// @ts-ignore: decorator
@inline
export function partitionOf(cache: CacheSlice, index: u32): Partition {
  return partitionAt(cache, cache.detail(index).partition);
}

/** How the lines of an owner are retained. */
// @ts-ignore: decorator
@inline
export function retention(cache: CacheSlice, index: u32): u32 {
  return load<u8>(cache.retentions + index);
}

function rankOf(partition: Partition): u32 {
  if (partition.lines > partition.limit) return RETAINS_ABOVE;
  return partition.lines < partition.least ? RETAINS_BELOW : RETAINS_WITHIN;
}

/** The partition of an owner holds a line more (1) or less (-1). */
// @ts-ignore: decorator
@inline
export function countLine(cache: CacheSlice, index: u32, by: i32): void {
  const number = cache.detail(index).partition;
  const partition = partitionAt(cache, number);
  partition.lines += by;
  if (rankOf(partition) != partition.rank) rankOwners(cache, number);
}

/** Notes for each owner of a partition how its lines are retained now. */
export function rankOwners(cache: CacheSlice, number: u32): void {
  const partition = partitionAt(cache, number);
  partition.rank = rankOf(partition);
  let index = number;
  do {
    store<u8>(cache.retentions + index, <u8>(cache.detail(index).disabled ? RETAINS_DISABLED : partition.rank));
    index = cache.nextOfPartition(index);
  } while (index != number);
}

/** Deals the live owners to partitions by their keys, and counts the lines of each. What a partition may hold is set after that. */
export function regroup(cache: CacheSlice): void {
  const r = root();
  const hash = r.keyHash;
  memory.fill(hash, 0, <usize>(r.ownerHashMask + 1) * 4);
  for (let index: u32 = 0; index < r.ownerCount; index++) {
    store<u16>(cache.rings + (<usize>index << 1), <u16>index);
    if (owner(index).live) enter(cache, index);
  }
  countLines(cache);
}

function enter(cache: CacheSlice, index: u32): void {
  const r = root();
  const key = cache.detail(index).key;
  let slot = mix(key) & r.ownerHashMask;
  let first = load<u32>(r.keyHash + (<usize>slot << 2));
  while (first != 0 && partitionAt(cache, first - 1).key != key) {
    slot = (slot + 1) & r.ownerHashMask;
    first = load<u32>(r.keyHash + (<usize>slot << 2));
  }
  if (first == 0) {
    store<u32>(r.keyHash + (<usize>slot << 2), index + 1);
    partitionAt(cache, index).key = key;
    cache.detail(index).partition = index;
    return;
  }
  cache.detail(index).partition = first - 1;
  store<u16>(cache.rings + (<usize>index << 1), <u16>cache.nextOfPartition(first - 1));
  store<u16>(cache.rings + (<usize>(first - 1) << 1), <u16>index);
}

/** Narrow kernels do not keep up what partitions hold. */
export function countLines(cache: CacheSlice): void {
  const r = root();
  for (let index: u32 = 0; index < r.ownerCount; index++) partitionAt(cache, index).lines = 0;
  for (let index: u32 = 0; index < r.ownerCount; index++) {
    if (owner(index).live) partitionOf(cache, index).lines += cache.use(index).lines;
  }
  for (let index: u32 = 0; index < r.ownerCount; index++) {
    if (owner(index).live && cache.detail(index).partition == index) rankOwners(cache, index);
  }
}
