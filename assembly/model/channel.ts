// A memory channel: it serves lines and counts their bytes per owner and direction.

import { allocate } from "../root";
import { buildPort } from "./port";
import { addResource, KIND_CHANNEL, Resource } from "./resource";

/** Bytes of a replica of the buckets, two directions of 8 bytes for each of 2048 owners; and how many there are. */
const REPLICA: usize = 32768;
const REPLICAS: usize = 8;

// @ts-ignore: decorator
@inline
function add(bucket: usize, bytes: u32): void {
  store<u64>(bucket, load<u64>(bucket) + bytes);
}

@unmanaged
export class Channel extends Resource {
  latencyNs: u32;
  /** What becomes of records that enter here (border.ts). */
  border: u32;
  /** What it lets through in closed timing. */
  port: usize;
  /**
   * A u64 per key, where key = owner * 2 + (1 for writes), in replicas: each thread counts in one of its own, and in bulk
   * record i goes to replica i mod 4, which breaks the chain from store to load on a key that comes again and again.
   */
  buckets: usize;

  /** Serves `n` requests: keys u16, bytes u32. Eight at a turn. */
  serve(keys: usize, bytes: usize, n: u32): void {
    const first = this.buckets;
    const second = first + REPLICA;
    const third = first + 2 * REPLICA;
    const fourth = first + 3 * REPLICA;
    const eights = keys + ((n & ~7) << 1);
    while (keys < eights) {
      add(first + (<usize>load<u16>(keys) << 3), load<u32>(bytes));
      add(second + (<usize>load<u16>(keys, 2) << 3), load<u32>(bytes, 4));
      add(third + (<usize>load<u16>(keys, 4) << 3), load<u32>(bytes, 8));
      add(fourth + (<usize>load<u16>(keys, 6) << 3), load<u32>(bytes, 12));
      add(first + (<usize>load<u16>(keys, 8) << 3), load<u32>(bytes, 16));
      add(second + (<usize>load<u16>(keys, 10) << 3), load<u32>(bytes, 20));
      add(third + (<usize>load<u16>(keys, 12) << 3), load<u32>(bytes, 24));
      add(fourth + (<usize>load<u16>(keys, 14) << 3), load<u32>(bytes, 28));
      keys += 16;
      bytes += 32;
    }
    const end = eights + ((n & 7) << 1);
    while (keys < end) {
      add(first + (<usize>load<u16>(keys) << 3), load<u32>(bytes));
      keys += 2;
      bytes += 4;
    }
  }

  /** Serves one request in one of the replicas. */
  @inline
  count(replica: u32, owner: u32, write: u32, bytes: u32): void {
    add(this.buckets + <usize>replica * REPLICA + (<usize>((owner << 1) + write) << 3), bytes);
  }

  /** Serves one request. */
  serveOne(owner: u32, write: bool, bytes: u32): void {
    add(this.buckets + (((<usize>owner << 1) + (write ? 1 : 0)) << 3), bytes);
  }

  bytesMoved(owner: u32, write: bool): u64 {
    const at = this.buckets + (((<usize>owner << 1) + (write ? 1 : 0)) << 3);
    let bytes: u64 = 0;
    for (let replica: usize = 0; replica < REPLICAS; replica++) bytes += load<u64>(at + replica * REPLICA);
    return bytes;
  }

  forget(owner: u32): void {
    for (let replica: usize = 0; replica < REPLICAS; replica++) {
      memory.fill(this.buckets + <usize>replica * REPLICA + (<usize>owner << 4), 0, 16);
    }
  }
}

export function buildChannel(bytesPerSecond: u64, latencyNs: u32): u32 {
  const at = allocate(offsetof<Channel>());
  const channel = changetype<Channel>(at);
  const index = addResource(at, KIND_CHANNEL);
  channel.latencyNs = latencyNs;
  channel.buckets = allocate(REPLICAS * REPLICA);
  channel.port = buildPort(at, bytesPerSecond);
  return index;
}
