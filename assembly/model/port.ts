// A port: the downstream side of a cache slice with bandwidth controls, or a memory channel. In closed timing it lets
// through so many bytes a quantum and holds what is more (docs/modelled.md, "Bandwidth").

import { allocate, root } from "../root";
import { NONE } from "./held";
import { Rate } from "./rate";

/** Requests that share settings share limits. Offsets of partitions are slots times their size. */
@unmanaged
export class Share {
  key: u32;
  /** Owners that go by it. */
  names: u32;
  /** Bytes held now, and bytes it may take of its grants. */
  held: u64;
  credit: u64;
  /** What was too little for a byte in earlier divisions. */
  rest: f64;
  /** Bytes granted in the window that begins with quantum `windowFirst`. */
  use: u64;
  windowFirst: u64;

  // Its settings, as of the last edge.
  /** 1: nothing limits it. */
  free: u32;
  /** 1: served when nobody else wants anything. */
  lastOfAll: u32;
  hard: u32;
  /** Programmed fractions, and the bits they have; `most` of NONE: no limit. */
  most: u32;
  least: u32;
  fractionBits: u32;
  windowQuanta: u64;
  fixedWindow: u32;
  /** 1 / stride. */
  weight: f64;
  /** Steps below the highest priority, or NONE where requests bring theirs. */
  rank: u32;
  /** A bit for each portion, or 0 where all are its own. */
  portions: usize;

  // During an edge.
  want: u64;
  bestRank: u32;
  /** One of its requests had to stay: those behind it stay too. */
  stuck: u32;
}

@unmanaged
export class Port extends Rate {
  resource: usize;
  /** The bank's bandwidth controls make partitions; else all requests are one. */
  regulated: u32;
  /** Held requests. */
  first: u32;
  last: u32;
  count: u32;
  /** What is left of each portion in this quantum, u64; and the quantum that was looked at last. */
  portionCount: u32;
  left: usize;
  quantum: u64;
  shares: usize;
  shareCount: u32;
  shareCapacity: u32;
  /** The slot of each owner, u16. */
  slotOf: usize;
}

// @ts-ignore: decorator
@inline
export function shareAt(port: Port, slot: u32): Share {
  return changetype<Share>(port.shares + <usize>slot * offsetof<Share>());
}

export function buildPort(resource: usize, bytesPerSecond: u64): usize {
  const at = allocate(offsetof<Port>());
  const port = changetype<Port>(at);
  port.resource = resource;
  port.setRate(bytesPerSecond);
  port.first = NONE;
  port.last = NONE;
  port.quantum = u64.MAX_VALUE;
  port.slotOf = allocate(<usize>root().ownerCapacity * 2);
  return at;
}

/** When all MSCs are known: `portions` is the widest bitmap in front of it. */
export function finishPort(port: Port, regulated: bool, portions: u32): void {
  const r = root();
  port.regulated = regulated ? 1 : 0;
  port.portionCount = regulated ? max(portions, 1) : 1;
  port.left = allocate(<usize>port.portionCount * 8);
  port.shareCapacity = regulated ? 2 * r.ownerCapacity + 8 : 1;
  port.shares = allocate(<usize>port.shareCapacity * offsetof<Share>());
  if (port.portionCount == 1) return;
  const bytes = ((<usize>port.portionCount + 63) >>> 6) << 3;
  const bits = allocate(<usize>port.shareCapacity * bytes);
  for (let slot: u32 = 0; slot < port.shareCapacity; slot++) shareAt(port, slot).portions = bits + <usize>slot * bytes;
}

/** Whether a partition may use a portion. */
export function mayUse(share: Share, portion: u32): bool {
  if (share.portions == 0 || share.free || share.lastOfAll) return true;
  return ((load<u64>(share.portions + ((<usize>portion >>> 6) << 3)) >>> (portion & 63)) & 1) != 0;
}

/** Brings a port to a quantum: what it may let through then is all there, and nothing is granted yet. */
export function begin(port: Port, quantum: u64): void {
  if (port.quantum == quantum) return;
  port.quantum = quantum;
  const bytes = port.bytesIn(quantum + 1) - port.bytesIn(quantum);
  const portions = <u64>port.portionCount;
  for (let i: u64 = 0; i < portions; i++) {
    store<u64>(port.left + (<usize>i << 3), ((i + 1) * bytes) / portions - (i * bytes) / portions);
  }
}

/** Whether a port had less than a line left in a quantum in which something was there. */
export function wasFull(port: Port, quantum: u64): bool {
  if (port.quantum != quantum) return false;
  let left: u64 = 0;
  for (let i: u32 = 0; i < port.portionCount; i++) left += load<u64>(port.left + (<usize>i << 3));
  return left < <u64>1 << root().lineShift;
}

/** What a fraction of the window's bytes is now. */
function windowBytes(port: Port, share: Share, quantum: u64): u64 {
  const first = (quantum / share.windowQuanta) * share.windowQuanta;
  const end = share.fixedWindow ? first + share.windowQuanta : quantum + 1;
  return port.bytesIn(end) - port.bytesIn(first);
}

/** A window of its own kind begins with nothing used. */
export function turnWindow(share: Share, quantum: u64): void {
  const first = (quantum / share.windowQuanta) * share.windowQuanta;
  if (share.windowFirst == first) return;
  share.windowFirst = first;
  share.use = 0;
}

/** floor(numerator * bytes / 2^bits), exactly. */
function fraction(numerator: u64, bytes: u64, bits: u32): u64 {
  return (bytes >>> bits) * numerator + (((bytes & ((<u64>1 << bits) - 1)) * numerator) >>> bits);
}

/** Bytes a partition may still take in its window; u64.MAX_VALUE without a limit. */
export function roomBelowMost(port: Port, share: Share, quantum: u64): u64 {
  if (share.most == NONE) return u64.MAX_VALUE;
  const bytes = windowBytes(port, share, quantum);
  const numerator = <u64>share.most + 1;
  const bits = share.fractionBits;
  // Rounded up.
  const limit = (bytes >>> bits) * numerator + (((bytes & ((<u64>1 << bits) - 1)) * numerator + ((<u64>1 << bits) - 1)) >>> bits);
  return limit > share.use ? limit - share.use : 0;
}

/** Bytes up to its guaranteed minimum. */
export function roomBelowLeast(port: Port, share: Share, quantum: u64): u64 {
  if (share.least == 0) return 0;
  const limit = fraction(share.least, windowBytes(port, share, quantum), share.fractionBits);
  return limit > share.use ? limit - share.use : 0;
}
