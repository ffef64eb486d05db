// A memory channel: it serves lines and counts their bytes per owner and direction.

import { allocate, root } from "../root";
import { KIND_CHANNEL } from "./resource";

const REPLICAS: usize = 4;
const REPLICA: usize = 8;

@unmanaged
export class Channel {
  kind: u32;
  index: u32;
  /**
   * A u64 per key, where key = owner * 2 + (1 for writes), in four replicas side by side: record i goes to replica
   * i mod 4, which breaks the chain from store to load on a key that comes again and again.
   */
  buckets: usize;

  build(index: u32): void {
    this.kind = KIND_CHANNEL;
    this.index = index;
    this.buckets = allocate(<usize>root().ownerCapacity * 2 * REPLICAS * REPLICA);
  }

  /** Serves `n` requests: keys u16, bytes u32. */
  serve(keys: usize, bytes: usize, n: u32): void {
    const buckets = this.buckets;
    const fours = keys + ((n & ~3) << 1);
    while (keys < fours) {
      const a = buckets + (<usize>load<u16>(keys) << 5);
      store<u64>(a, load<u64>(a) + load<u32>(bytes));
      const b = buckets + (<usize>load<u16>(keys, 2) << 5);
      store<u64>(b, load<u64>(b, REPLICA) + load<u32>(bytes, 4), REPLICA);
      const c = buckets + (<usize>load<u16>(keys, 4) << 5);
      store<u64>(c, load<u64>(c, 2 * REPLICA) + load<u32>(bytes, 8), 2 * REPLICA);
      const d = buckets + (<usize>load<u16>(keys, 6) << 5);
      store<u64>(d, load<u64>(d, 3 * REPLICA) + load<u32>(bytes, 12), 3 * REPLICA);
      keys += 8;
      bytes += 16;
    }
    const end = fours + ((n & 3) << 1);
    while (keys < end) {
      const a = buckets + (<usize>load<u16>(keys) << 5);
      store<u64>(a, load<u64>(a) + load<u32>(bytes));
      keys += 2;
      bytes += 4;
    }
  }

  bytesMoved(owner: u32, write: bool): u64 {
    const at = this.buckets + (((<usize>owner << 1) + (write ? 1 : 0)) << 5);
    return load<u64>(at) + load<u64>(at, REPLICA) + load<u64>(at, 2 * REPLICA) + load<u64>(at, 3 * REPLICA);
  }

  forget(owner: u32): void {
    memory.fill(this.buckets + (<usize>owner << 6), 0, 64);
  }
}
