// A part of a record, which lies within a line, on the general path.

import { SERVED, stopAt, stopAtMemory } from "../model/border";
import { sliceAt, UPSTREAM } from "../model/cache";
import { NONE } from "../model/held";
import { noteServed } from "../model/latency";
import { channelOf } from "../model/memory";
import { arrive, demand } from "../model/path";
import { sliceFor } from "../model/request";
import { MEMORY } from "../model/resource";
import { root } from "../root";
import { settle } from "./settle";

// @ts-ignore: decorator
@inline
export function bytesOf(meta: u32): u32 {
  return (meta & 63) + 1;
}

/** Whose a request of a requester is. */
// @ts-ignore: decorator
@inline
export function ownerFor(requester: u32, meta: u32): u32 {
  return <u32>load<u16>(root().labels + (((<usize>requester << 2) | (meta >>> 6)) << 1));
}

/** `meta` has the op in bits 7:6 and bytes - 1 in bits 5:0. */
export function runPart(line: u32, requester: u32, meta: u32, stream: u32): void {
  const r = root();
  const owner = ownerFor(requester, meta);
  const bytes = bytesOf(meta);
  const write = meta >>> 6 == 1;
  r.partOwner = owner;
  r.partStream = stream;
  r.partHeld = 0;
  r.partLeft = 0;
  r.partIssued = r.now;
  r.partHeldNs = 0;
  const entry = <u32>load<u16>(r.entries + (<usize>requester << 1));
  if (entry == MEMORY) {
    enterMemory(line, owner, meta);
  } else {
    const slice = sliceFor(changetype<usize>(sliceAt(entry)), line);
    if (slice.border != SERVED) {
      r.partLeft = 1;
      stopAt(slice, line, owner, whatOf(meta));
    } else {
      if (slice.flags & UPSTREAM) slice.countUpstream(owner, write, bytes);
      demand(slice, line, owner, write, 0);
    }
  }
  if (stream != NONE && !r.partHeld) noteServed();
  r.record++;
  r.singleRecords++;
  settle();
}

/** A record that enters memory. */
export function enterMemory(line: u32, owner: u32, meta: u32): void {
  if (root().nodeCount == 0) return;
  const channel = channelOf(line);
  if (channel.border != SERVED) return stopAtMemory(channel, line, owner, whatOf(meta));
  arrive(channel, line, owner, meta >>> 6 == 1, bytesOf(meta), true, 0);
}

/** A record as a request: what does not write reads. */
function whatOf(meta: u32): u32 {
  return meta >>> 6 == 1 ? meta : meta & 63;
}
