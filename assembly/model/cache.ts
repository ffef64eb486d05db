// A cache slice: set-associative, write-back, write-allocate, each line carrying the owner that allocated it.
//
// It has two layouts: a narrow one, with a kernel for each shape (narrow.ts), and a wide one without its limits (wide.ts).
// Memory for both is there from the start; which is in use is decided at edges (layout.ts) and changes no result.

import { allocate, root } from "../root";
import { hashOn, mix } from "../mixer";
import { buildNarrow, lanesOf, MAX_NARROW_OWNERS } from "./narrow";
import { buildPartitions } from "./partition";
import { addResource, KIND_CACHE, Resource } from "./resource";
import { Runner } from "./runner";
import { buildWide } from "./wide";

const MAX_WAYS: u32 = 64;

/** Of the state byte of a way, in both layouts. */
export const DIRTY: u32 = 0x80;

/** Stands for a way where there is none. */
export const NO_WAY: u32 = u32.MAX_VALUE;

export const UNLIMITED: u32 = u32.MAX_VALUE;

export const LRU: u32 = 0;
export const PLRU: u32 = 1;
export const NRU: u32 = 2;
export const RANDOM: u32 = 3;

export const INCLUSIVE: u32 = 1;
export const RELABEL: u32 = 2;
export const UPSTREAM: u32 = 4;

/** Into so many ranges are the sets of a slice divided for statistics. */
export const RANGES: u32 = 64;

/**
 * What a cache counts for one owner, and what it looks at on a miss: 64 bytes, one line of the host. Lines held and misses
 * follow from these counts, so that a miss writes no more than it must.
 */
@unmanaged
export class OwnerUse {
  /** Lines that crossed downstream. */
  readLines: u64;
  writtenLines: u64;
  accesses: u64;
  /** Lines it held and lost to the fills of this cache. */
  evicted: u64;
  /** Requests that were not allocated. */
  passedReads: u32;
  passedWrites: u32;
  /** Lines its PARTID may hold (MPAMCFG_CMAX), or UNLIMITED. */
  limit: u32;
  /** Lines it came to hold without reading them, less those it lost otherwise than by eviction. */
  gained: i32;
  /** 0xff in the ways where it may allocate, when they are the same in all sets. */
  openLow: u64;
  openHigh: u64;

  /** Lines held: those it filled less those it lost. */
  get lines(): u32 {
    return <u32>(this.readLines - this.passedReads - this.evicted) + this.gained;
  }

  get misses(): u64 {
    return this.readLines + this.passedWrites;
  }
}

/** Why a line was lost. */
export const LOST_DISABLED: u32 = 0;
export const LOST_OWN_LIMIT: u32 = 1;
export const LOST_OWN_PORTION: u32 = 2;
export const LOST_OTHER: u32 = 3;
export const LOST_INCLUSION: u32 = 4;

/** What only the general path counts and asks for one owner. */
@unmanaged
export class OwnerDetail {
  /** Lines lost, u64 by reason. */
  lost0: u64;
  lost1: u64;
  lost2: u64;
  lost3: u64;
  lost4: u64;
  /** Bytes of records that entered here. */
  readBytes: u64;
  writtenBytes: u64;
  /** What its lines are counted by, and the partition that makes (partition.ts). */
  key: u32;
  partition: u32;
  /** 1 while its PARTID is disabled. */
  disabled: u32;
  /** Of its requests downstream (MPAMCFG_PRI.DSPRI): steps below the highest, or RANK_AS_CAME. */
  rank: u32;
  /** Downstream bytes that a port holds, in each direction. */
  heldReads: u32;
  heldWrites: u32;
}

export const RANK_AS_CAME: u32 = u32.MAX_VALUE;

@unmanaged
export class CacheSlice extends Resource {
  level: u32;
  /** Which of how many slices of its cache; the others stand beside it in the list of resources. */
  slice: u32;
  slices: u32;
  /** Number among all slices of the machine. */
  number: u32;
  sets: u32;
  setShift: u32;
  ways: u32;
  policy: u32;
  flags: u32;
  latencyNs: u32;
  bytesPerSecond: u64;
  /** The first slice of the next cache, or 0 for memory. */
  below: usize;
  /** What becomes of requests that come here (border.ts). */
  border: u32;
  /** In bulk: where in a Runner the place of its next request downstream stands, and the number of `below`. */
  outbox: u32;
  belowNumber: u32;
  /** The regulator of its downstream side, or 0. */
  port: usize;
  /** Sets s and s + phases lie in the same portions (design: R). A power of two. */
  phases: u32;
  lines: u32;
  uses: usize;
  details: usize;
  /** A Partition for each owner number that stands for one, and the ring of its owners, u16 each. */
  partitions: usize;
  rings: usize;
  /** How the lines of each owner are retained, u8 (partition.ts). */
  retentions: usize;
  /** Of random replacement: the hash of the seed and this slice. */
  draw: u32;
  /** Somebody's CMIN, CASSOC or soft CMAX acts here, which the narrow layout does not know. */
  extended: u32;
  /** 1 while the wide layout is in use. */
  wide: u32;
  narrowCells: usize;
  /** LRU: a byte of 0xff or 0 a lane per (owner, phase), for owners that fit: the ways where the owner may allocate. */
  narrowAllowed: usize;
  /** PLRU: what an access to a way does to the tree (narrow.ts). */
  tree: usize;
  wideCells: usize;
  wideSetBytes: u32;
  /** Ways that a set of the wide layout has room for. */
  lanes: u32;
  /** A u64 per (owner, phase): bit w for way w. */
  wideAllowed: usize;
  /** Demands, misses and evictions, three u64 per range of sets. */
  ranges: usize;

  get inclusive(): bool {
    return (this.flags & INCLUSIVE) != 0;
  }

  get lineBytes(): u64 {
    return <u64>1 << root().lineShift;
  }

  /** Opens the ways of `mask` to an owner, in the sets of one phase. */
  openWays(owner: u32, phase: u32, mask: u64): void {
    const entry = <usize>owner * this.phases + phase;
    store<u64>(this.wideAllowed + (entry << 3), mask);
    if (owner >= MAX_NARROW_OWNERS || this.narrowAllowed == 0) return;
    const open = this.narrowAllowed + entry * lanesOf(this);
    for (let way: usize = 0; way < lanesOf(this); way++) store<u8>(open + way, (mask >>> way) & 1 ? 0xff : 0);
    const use = this.use(owner);
    use.openLow = load<u64>(open);
    use.openHigh = load<u64>(open, 8);
  }

  use(owner: u32): OwnerUse {
    return changetype<OwnerUse>(this.uses + <usize>owner * offsetof<OwnerUse>());
  }

  detail(owner: u32): OwnerDetail {
    return changetype<OwnerDetail>(this.details + <usize>owner * offsetof<OwnerDetail>());
  }

  /** What bandwidth monitors count. */
  bytesMoved(owner: u32, write: bool): u64 {
    const detail = this.detail(owner);
    if (this.flags & UPSTREAM) return write ? detail.writtenBytes : detail.readBytes;
    return this.bytesCrossed(owner, write);
  }

  /** What has crossed downstream, and is not held there. */
  bytesCrossed(owner: u32, write: bool): u64 {
    const use = this.use(owner);
    const detail = this.detail(owner);
    return write
      ? (use.writtenLines << root().lineShift) - detail.heldWrites
      : (use.readLines << root().lineShift) - detail.heldReads;
  }

  bytesHeld(owner: u32): u64 {
    return <u64>this.use(owner).lines << root().lineShift;
  }

  /** A record enters at a first level that counts there. */
  countUpstream(owner: u32, write: bool, bytes: u32): void {
    const detail = this.detail(owner);
    if (write) detail.writtenBytes += bytes;
    else detail.readBytes += bytes;
  }

  forget(owner: u32): void {
    memory.fill(this.uses + <usize>owner * offsetof<OwnerUse>(), 0, offsetof<OwnerUse>());
    memory.fill(this.details + <usize>owner * offsetof<OwnerDetail>(), 0, offsetof<OwnerDetail>());
  }

  /** The next owner of the same partition, round and round. */
  @inline
  nextOfPartition(owner: u32): u32 {
    return load<u16>(this.rings + (<usize>owner << 1));
  }

  /** Lines held by all owners of the partition of this one. */
  usage(owner: u32): u32 {
    let lines: u32 = 0;
    let other = owner;
    do {
      lines += this.use(other).lines;
      other = this.nextOfPartition(other);
    } while (other != owner);
    return lines;
  }
}

/** `portionsMax`: the widest CPBM in front of this slice. */
export function buildSlice(
  level: u32,
  slice: u32,
  slices: u32,
  sets: u32,
  ways: u32,
  policy: u32,
  flags: u32,
  portionsMax: u32,
  latencyNs: u32,
): u32 {
  if (ways == 0 || ways > MAX_WAYS || popcnt(sets) != 1) unreachable();
  const r = root();
  const at = allocate(offsetof<CacheSlice>());
  const cache = changetype<CacheSlice>(at);
  const index = addResource(at, KIND_CACHE);
  cache.level = level;
  cache.slice = slice;
  cache.slices = slices;
  cache.sets = sets;
  cache.setShift = ctz(sets);
  cache.ways = ways;
  cache.policy = policy;
  cache.flags = flags;
  cache.latencyNs = latencyNs;
  cache.lines = sets * ways;
  let phases: u32 = 1;
  while (ways * phases < portionsMax) phases <<= 1;
  cache.phases = phases;
  cache.number = r.sliceCount;
  store<u32>(r.slices + ((<usize>r.sliceCount) << 2), <u32>at);
  r.sliceCount++;
  const owners = <usize>r.ownerCapacity;
  const numbers = max(owners, MAX_NARROW_OWNERS + 1);
  cache.uses = allocate(numbers * offsetof<OwnerUse>());
  cache.details = allocate(numbers * offsetof<OwnerDetail>());
  cache.rings = allocate(numbers * 2);
  for (let owner: usize = 0; owner < numbers; owner++) store<u16>(cache.rings + (owner << 1), <u16>owner);
  cache.ranges = allocate(RANGES * 24);
  buildPartitions(cache);
  buildWide(cache);
  cache.wideAllowed = allocate(owners * phases * 8);
  leadTo(cache, 0);
  cache.draw = hashOn(mix(r.seed), cache.number);
  if ((flags & (INCLUSIVE | RELABEL)) == 0) buildNarrow(cache);
  cache.wide = cache.narrowCells == 0 ? 1 : 0;
  return index;
}

/** What a slice does not have goes to another cache, by its first slice, or with 0 to memory. */
export function leadTo(cache: CacheSlice, below: usize): void {
  cache.below = below;
  cache.outbox = <u32>(below == 0 ? offsetof<Runner>("memoryOut") : offsetof<Runner>("out"));
  cache.belowNumber = below == 0 ? 0 : changetype<CacheSlice>(below).number;
}

export function sliceAt(number: u32): CacheSlice {
  return changetype<CacheSlice>(load<u32>(root().slices + (<usize>number << 2)));
}
