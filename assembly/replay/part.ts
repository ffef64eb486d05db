// A part of a record, which lies within a line, on the general path.

import { SERVED } from "../model/border";
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
    if (r.nodeCount != 0) enterMemory(line, owner, write, bytes);
  } else {
    const slice = sliceFor(changetype<usize>(sliceAt(entry)), line);
    if (slice.flags & UPSTREAM && slice.border == SERVED) slice.countUpstream(owner, write, bytes);
    demand(slice, line, owner, write, 0);
  }
  if (stream != NONE && !r.partHeld) noteServed();
  r.record++;
  r.singleRecords++;
  settle();
}

function enterMemory(line: u32, owner: u32, write: bool, bytes: u32): void {
  const channel = channelOf(line);
  if (channel.border == SERVED) arrive(channel, line, owner, write, bytes, true, 0);
}
