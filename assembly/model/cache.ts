// A cache slice: set-associative, write-back, write-allocate, LRU, each line carrying the owner that allocated it.
//
// It has two layouts: a narrow one that the fast kernel runs on (narrow.ts), and a wide one without its limits (wide.ts).
// Memory for both is there from the start; which is in use is decided at edges (layout.ts) and changes no result.

import { allocate, root } from "../root";
import { nextOfPartition } from "../pe/owners";
import { emptyNarrow, MAX_NARROW_OWNERS, MAX_NARROW_WAYS, runNarrow, SET_BYTES } from "./narrow";
import { KIND_CACHE } from "./resource";
import { emptyWide, runWide, wideSetBytes } from "./wide";

export const MAX_WAYS: u32 = 64;

export const UNLIMITED: u32 = u32.MAX_VALUE;

export const LINE: u64 = 64;

/**
 * What a cache counts for one owner, and what it looks at on a miss: 64 bytes, one line of the host. Lines held and misses
 * follow from these counts, so that a miss writes no more than it must.
 */
@unmanaged
export class OwnerUse {
  /** Bytes that crossed downstream. */
  readBytes: u64;
  writeBytes: u64;
  accesses: u64;
  /** Lines it held and lost. */
  evicted: u64;
  /** Requests that were not allocated. */
  passedReads: u32;
  passedWrites: u32;
  /** Lines its PARTID may hold (MPAMCFG_CMAX), or UNLIMITED. */
  limit: u32;
  spare: u32;
  /** 0xff in the ways where it may allocate, when they are the same in all sets. */
  openLow: u64;
  openHigh: u64;

  /** Lines held: those it filled less those it lost. */
  get lines(): u32 {
    return <u32>(this.readBytes / LINE - this.passedReads - this.evicted);
  }

  get misses(): u64 {
    return this.readBytes / LINE + this.passedWrites;
  }
}

@unmanaged
export class CacheSlice {
  kind: u32;
  index: u32;
  sets: u32;
  setShift: u32;
  ways: u32;
  /** Sets s and s + phases lie in the same portions (design: R). A power of two. */
  phases: u32;
  lines: u32;
  uses: usize;
  /** 1 while the wide layout is in use. */
  wide: u32;
  narrowCells: usize;
  /** 16 bytes of 0xff or 0 per (owner, phase), for owners that fit: the ways where the owner may allocate. */
  narrowAllowed: usize;
  wideCells: usize;
  wideSetBytes: u32;
  /** A u64 per (owner, phase): bit w for way w. */
  wideAllowed: usize;

  /** `portionsMax`: the widest CPBM in front of this cache. */
  build(index: u32, sets: u32, ways: u32, portionsMax: u32): void {
    this.kind = KIND_CACHE;
    this.index = index;
    this.sets = sets;
    this.setShift = ctz(sets);
    this.ways = ways;
    this.lines = sets * ways;
    let phases: u32 = 1;
    while (ways * phases < portionsMax) phases <<= 1;
    this.phases = phases;
    const owners = <usize>root().ownerCapacity;
    this.uses = allocate(max(owners, MAX_NARROW_OWNERS + 1) * offsetof<OwnerUse>());
    this.wideSetBytes = wideSetBytes(ways);
    this.wideCells = allocate(<usize>sets * this.wideSetBytes);
    this.wideAllowed = allocate(owners * phases * 8);
    if (ways > MAX_NARROW_WAYS) {
      this.wide = 1;
      emptyWide(this);
      return;
    }
    this.narrowCells = allocate(<usize>sets * SET_BYTES);
    this.narrowAllowed = allocate(min(owners, MAX_NARROW_OWNERS) * phases * 16);
    emptyNarrow(this);
  }

  /** Opens the ways of `mask` to an owner, in the sets of one phase. */
  openWays(owner: u32, phase: u32, mask: u64): void {
    const entry = <usize>owner * this.phases + phase;
    store<u64>(this.wideAllowed + (entry << 3), mask);
    if (owner >= MAX_NARROW_OWNERS || this.narrowAllowed == 0) return;
    for (let way: usize = 0; way < 16; way++) {
      store<u8>(this.narrowAllowed + (entry << 4) + way, (mask >>> way) & 1 ? 0xff : 0);
    }
    const use = this.use(owner);
    use.openLow = load<u64>(this.narrowAllowed + (entry << 4));
    use.openHigh = load<u64>(this.narrowAllowed + (entry << 4), 8);
  }

  /**
   * Takes `n` records (columns: line u32, requester u16, meta u8 with the op in bits 7:6) and appends what crosses to the
   * next level at `crossings`, as u16 keys owner * 2 + (1 for a write), a line each. Returns where the keys end.
   */
  run(lines: usize, requesters: usize, metas: usize, n: u32, crossings: usize): usize {
    if (this.wide) return runWide(this, lines, requesters, metas, n, crossings);
    return runNarrow(this, lines, requesters, metas, n, crossings);
  }

  use(owner: u32): OwnerUse {
    return changetype<OwnerUse>(this.uses + <usize>owner * offsetof<OwnerUse>());
  }

  bytesMoved(owner: u32, write: bool): u64 {
    return write ? this.use(owner).writeBytes : this.use(owner).readBytes;
  }

  bytesHeld(owner: u32): u64 {
    return <u64>this.use(owner).lines * LINE;
  }

  forget(owner: u32): void {
    memory.fill(this.uses + <usize>owner * offsetof<OwnerUse>(), 0, offsetof<OwnerUse>());
  }

  /** Lines held by all owners of the PARTID of this one. */
  usage(owner: u32): u32 {
    let lines: u32 = 0;
    let other = owner;
    do {
      lines += this.use(other).lines;
      other = nextOfPartition(other);
    } while (other != owner);
    return lines;
  }
}
