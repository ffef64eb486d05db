// A memory channel: it serves lines and counts their bytes per owner and direction.

import { allocate } from "../root";
import { KIND_CHANNEL } from "./resource";

/** Bytes between the replicas of the buckets. */
const REPLICA: usize = 32768;

/** Owners the buckets of one replica have room for: two directions of 8 bytes each. */
export const CHANNEL_OWNERS: u32 = 2048;

@unmanaged
export class Channel {
  kind: u32;
  index: u32;
  /**
   * A u64 per key, where key = owner * 2 + (1 for writes), in four replicas: record i goes to replica i mod 4, which
   * breaks the chain from store to load on a key that comes again and again.
   */
  buckets: usize;

  build(index: u32): void {
    this.kind = KIND_CHANNEL;
    this.index = index;
    this.buckets = allocate(4 * REPLICA);
  }

  /** Serves `n` requests: keys u16, bytes u32. */
  serve(keys: usize, bytes: usize, n: u32): void {
    const buckets = this.buckets;
    const fours = keys + ((n & ~3) << 1);
    while (keys < fours) {
      const a = buckets + (<usize>load<u16>(keys) << 3);
      store<u64>(a, load<u64>(a) + load<u32>(bytes));
      const b = buckets + (<usize>load<u16>(keys, 2) << 3);
      store<u64>(b, load<u64>(b, REPLICA) + load<u32>(bytes, 4), REPLICA);
      const c = buckets + (<usize>load<u16>(keys, 4) << 3);
      store<u64>(c, load<u64>(c, 2 * REPLICA) + load<u32>(bytes, 8), 2 * REPLICA);
      const d = buckets + (<usize>load<u16>(keys, 6) << 3);
      store<u64>(d, load<u64>(d, 3 * REPLICA) + load<u32>(bytes, 12), 3 * REPLICA);
      keys += 8;
      bytes += 16;
    }
    const end = fours + ((n & 3) << 1);
    while (keys < end) {
      const a = buckets + (<usize>load<u16>(keys) << 3);
      store<u64>(a, load<u64>(a) + load<u32>(bytes));
      keys += 2;
      bytes += 4;
    }
  }

  bytesMoved(owner: u32, write: bool): u64 {
    const at = this.buckets + ((owner << 1) + (write ? 1 : 0)) * 8;
    return load<u64>(at) + load<u64>(at, REPLICA) + load<u64>(at, 2 * REPLICA) + load<u64>(at, 3 * REPLICA);
  }

  forget(owner: u32): void {
    for (let replica: usize = 0; replica < 4; replica++) {
      memory.fill(this.buckets + replica * REPLICA + (owner << 4), 0, 16);
    }
  }
}
