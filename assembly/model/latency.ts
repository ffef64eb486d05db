// How long parts of records took, per owner: the service of the level that answered and the time they were held.

import { allocate, root } from "../root";

/** Eight steps to each doubling, up to 2^34 ns. */
const LATENCY_BUCKETS: u32 = 256;

@unmanaged
export class Latency {
  count: u64;
  sumNs: u64;
  maxNs: u64;
  heldNs: u64;
  /** Time for which its next record was not issued because of its cpu's limit; no part of a latency. */
  stalledNs: u64;
}

const BYTES: usize = offsetof<Latency>() + 256 * 4;

export function buildLatencies(): void {
  root().latencies = allocate(<usize>root().ownerCapacity * BYTES);
}

export function latencyAt(owner: u32): Latency {
  return changetype<Latency>(root().latencies + <usize>owner * BYTES);
}

export function forgetLatency(owner: u32): void {
  memory.fill(root().latencies + <usize>owner * BYTES, 0, BYTES);
}

/** Parts of records in a bucket: below 16 ns one a ns; above, bucket 8 e + m holds (8 + m) 2^(e - 1) ns and more. */
export function latencyBucket(owner: u32, bucket: u32): u32 {
  return load<u32>(root().latencies + <usize>owner * BYTES + offsetof<Latency>() + (<usize>bucket << 2));
}

function bucketOf(ns: u64): u32 {
  if (ns < 16) return <u32>ns;
  const power = 63 - <u32>clz(ns);
  return min(((power - 2) << 3) + (<u32>(ns >>> (power - 3)) & 7), LATENCY_BUCKETS - 1);
}

/** The part that is under way has been served. */
export function noteServed(): void {
  const r = root();
  const latency = latencyAt(r.partOwner);
  const ns = <u64>r.partServiceNs + r.partHeldNs;
  latency.count++;
  latency.sumNs += ns;
  latency.heldNs += r.partHeldNs;
  latency.maxNs = max(latency.maxNs, ns);
  const at = changetype<usize>(latency) + offsetof<Latency>() + (<usize>bucketOf(ns) << 2);
  store<u32>(at, load<u32>(at) + 1);
}
