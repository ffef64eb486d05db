// A cache slice: set-associative, write-back, write-allocate, LRU, each line carrying the owner that allocated it.
//
// One simulated set is one 64-byte line of the host (performance.md, section B): 16 tags of 16 bits, 16 ages, 16
// owners. Ages are a permutation of 0 (newest) to 15 (oldest), so an empty way is the oldest by construction and needs
// no valid bit; bit 7 of an age byte is the dirty bit. Tag 0xffff marks an empty way.

import { allocate, LOOK_AHEAD, root } from "../root";
import { nextOfPartition } from "../pe/owners";
import { KIND_CACHE } from "./resource";

export const SET_BYTES: usize = 64;
export const AGES: usize = 32;
export const OWNERS: usize = 48;
export const MAX_WAYS: u32 = 16;
export const EMPTY: u32 = 0xffff;
export const DIRTY: u32 = 0x80;

export const UNLIMITED: u32 = u32.MAX_VALUE;

const LINE: u64 = 64;

/** What a cache knows of one owner: 64 bytes, one line of the host. */
@unmanaged
export class OwnerUse {
  readBytes: u64;
  writeBytes: u64;
  misses: u64;
  accesses: u64;
  /** Lines held. */
  lines: u32;
  /** Lines its PARTID may hold (MPAMCFG_CMAX), or UNLIMITED. */
  limit: u32;
  spare0: u64;
  spare1: u64;
  spare2: u64;
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
  cells: usize;
  uses: usize;
  /** 16 bytes of 0xff or 0 per (owner, phase): the ways where the owner may allocate. */
  allowed: usize;
  lines: u32;

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
    const owners = root().ownerCapacity;
    this.cells = allocate(<usize>sets * SET_BYTES);
    this.uses = allocate(<usize>owners * offsetof<OwnerUse>());
    this.allowed = allocate(<usize>owners * phases * 16);
    const empty = i16x8.splat(<i16>EMPTY);
    const ages = i8x16(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
    for (let set: u32 = 0; set < sets; set++) {
      const at = this.cells + <usize>set * SET_BYTES;
      v128.store(at, empty);
      v128.store(at, empty, 16);
      v128.store(at, ages, AGES);
    }
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

  /** 0xff in the ways of a set that the PARTID of `owner` holds. */
  private heldByPartition(set: usize, owner: u32): v128 {
    const owners = v128.load(set, OWNERS);
    let held = i8x16.splat(0);
    let other = owner;
    do {
      held = v128.or(held, i8x16.eq(owners, i8x16.splat(<i8>other)));
      other = nextOfPartition(other);
    } while (other != owner);
    const empty = i16x8.splat(<i16>EMPTY);
    const vacant = i8x16.narrow_i16x8_s(i16x8.eq(v128.load(set), empty), i16x8.eq(v128.load(set, 16), empty));
    return v128.andnot(held, vacant);
  }

  /**
   * Takes `n` records (columns: line u32, requester u16, meta u8 with the op in bits 7:6) and appends what crosses to the
   * next level at `crossings`, as u16 keys owner * 2 + (1 for a write), a line each. Returns where the keys end.
   */
  run(lines: usize, requesters: usize, metas: usize, n: u32, crossings: usize): usize {
    const r = root();
    const labels = r.labels;
    const cells = this.cells;
    const uses = this.uses;
    const allowed = this.allowed;
    const setMask = this.sets - 1;
    const setShift = this.setShift;
    const phaseMask = this.phases - 1;
    const phaseShift = 4 + ctz(this.phases);
    const low7 = i8x16.splat(0x7f);
    const end = lines + (n << 2);
    let sink: u32 = 0;

    for (; lines < end; lines += 4, requesters += 2, metas++) {
      sink |= load<u32>(cells + (<usize>(load<u32>(lines, LOOK_AHEAD << 2) & setMask) << 6));
      const line = load<u32>(lines);
      const op = <u32>load<u8>(metas) >>> 6;
      const owner = <u32>load<u8>(labels + ((<usize>load<u16>(requesters) << 2) | op));
      const set = cells + (<usize>(line & setMask) << 6);
      const use = changetype<OwnerUse>(uses + (<usize>owner << 6));
      const tag = i16x8.splat(<i16>(line >>> setShift));
      const match = i8x16.narrow_i16x8_s(i16x8.eq(v128.load(set), tag), i16x8.eq(v128.load(set, 16), tag));
      const hit = i8x16.bitmask(match);
      const dirty = op == 1 ? DIRTY : 0;
      use.accesses++;
      if (hit != 0) {
        const ages = v128.load(set, AGES);
        const age = i8x16.splat(<i8>(<u32>load<u8>(set + ctz(hit), AGES) & 0x7f));
        const younger = i8x16.lt_s(v128.and(ages, low7), age);
        const aged = v128.andnot(i8x16.sub(ages, younger), v128.and(match, low7));
        v128.store(set, v128.or(aged, v128.and(match, i8x16.splat(<i8>dirty))), AGES);
        continue;
      }

      use.misses++;
      const ages = v128.load(set, AGES);
      const clean = v128.and(ages, low7);
      const phase = (line & setMask) & phaseMask;
      let candidates = v128.and(
        i8x16.add(clean, i8x16.splat(1)),
        v128.load(allowed + (<usize>owner << phaseShift) + (phase << 4)),
      );
      if (use.limit != UNLIMITED && this.usage(owner) >= use.limit) {
        candidates = v128.and(candidates, this.heldByPartition(set, owner));
      }
      let oldest = i8x16.max_u(
        candidates,
        i8x16.shuffle(candidates, candidates, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7),
      );
      oldest = i8x16.max_u(oldest, i8x16.shuffle(oldest, oldest, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11));
      oldest = i8x16.max_u(oldest, i8x16.shuffle(oldest, oldest, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13));
      oldest = i8x16.max_u(oldest, i8x16.shuffle(oldest, oldest, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14));
      if (i8x16.extract_lane_u(oldest, 0) == 0) {
        // No way may be taken: the request passes down as it is, a line read or a line written.
        if (dirty) use.writeBytes += LINE;
        else use.readBytes += LINE;
        store<u16>(crossings, <u16>((owner << 1) | (dirty >>> 7)));
        crossings += 2;
        continue;
      }
      const victim = i8x16.eq(candidates, oldest);
      const way = ctz(i8x16.bitmask(victim));
      if (load<u16>(set + (way << 1)) != EMPTY) {
        const loser = <u32>load<u8>(set + way, OWNERS);
        const loserUse = changetype<OwnerUse>(uses + (<usize>loser << 6));
        loserUse.lines--;
        if (load<u8>(set + way, AGES) & DIRTY) {
          loserUse.writeBytes += LINE;
          store<u16>(crossings, <u16>((loser << 1) | 1));
          crossings += 2;
        }
      }
      use.lines++;
      use.readBytes += LINE;
      store<u16>(crossings, <u16>(owner << 1));
      crossings += 2;
      store<u16>(set + (way << 1), <u16>(line >>> setShift));
      store<u8>(set + way, <u8>owner, OWNERS);
      // The age of the victim is `oldest` - 1: younger are those below it, and the victim becomes the newest.
      const younger = i8x16.lt_s(clean, i8x16.sub(oldest, i8x16.splat(1)));
      const aged = v128.andnot(i8x16.sub(ages, younger), victim);
      v128.store(set, v128.or(aged, v128.and(victim, i8x16.splat(<i8>dirty))), AGES);
    }
    r.sink = sink;
    return crossings;
  }

  // What a way holds, for exports and comparisons.

  lineAt(set: u32, way: u32): i64 {
    const tag = <u32>load<u16>(this.cells + <usize>set * SET_BYTES + (way << 1));
    return tag == EMPTY ? -1 : <i64>((tag << this.setShift) | set);
  }

  ownerAt(set: u32, way: u32): u32 {
    return load<u8>(this.cells + <usize>set * SET_BYTES + way, OWNERS);
  }

  ageAt(set: u32, way: u32): u32 {
    return load<u8>(this.cells + <usize>set * SET_BYTES + way, AGES);
  }
}
