// Requests that a port holds, in order of arrival: lists through one pool.

import { allocate, root } from "../root";
import { Port } from "./port";

/** Stands where no request follows, and where no stream waits. */
export const NONE: u32 = u32.MAX_VALUE;

@unmanaged
export class Held {
  next: u32;
  line: u32;
  owner: u32;
  /** The partition of the port, a slot. */
  slot: u32;
  bytes: u32;
  write: u32;
  rank: u32;
  /** 1: a part of a record waits for it. */
  demand: u32;
  /** Whose budget it takes from, and for whom its latency counts. */
  stream: u32;
  partOwner: u32;
  serviceNs: u32;
  since: u64;
  issued: u64;
  heldNs: u64;
}

export function buildHeld(capacity: u32): void {
  const r = root();
  r.held = allocate(<usize>capacity * offsetof<Held>());
  r.heldCapacity = capacity;
  r.heldFree = NONE;
}

/** Whether one more request could be held. */
export function hasRoom(): bool {
  const r = root();
  return r.heldFree != NONE || r.heldFresh < r.heldCapacity;
}

// @ts-ignore: decorator
@inline
export function heldAt(index: u32): Held {
  return changetype<Held>(root().held + <usize>index * offsetof<Held>());
}

/** A request at the end of a port's list. */
export function append(port: Port): Held {
  const r = root();
  let index = r.heldFree;
  if (index == NONE) {
    if (r.heldFresh == r.heldCapacity) unreachable();
    index = r.heldFresh++;
  } else r.heldFree = heldAt(index).next;
  const held = heldAt(index);
  r.heldCount++;
  held.next = NONE;
  if (port.count == 0) port.first = index;
  else heldAt(port.last).next = index;
  port.last = index;
  port.count++;
  return held;
}

/** Gives back a request that has been taken out of its list. */
export function release(index: u32): void {
  const r = root();
  heldAt(index).next = r.heldFree;
  r.heldFree = index;
  r.heldCount--;
}
