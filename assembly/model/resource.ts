// What an MSC stands in front of: a cache slice or a memory channel. A resource counts what it does per owner; monitors
// are views of those counts.

import { allocate, root } from "../root";
import { CacheSlice } from "./cache";
import { dirtyLines } from "./layout";
import { Channel } from "./channel";

export const KIND_CACHE: u32 = 0;
export const KIND_CHANNEL: u32 = 1;

/** Stands for memory where a cache slice could be named. */
export const MEMORY: u32 = 0xffff;

/** What every resource begins with. */
@unmanaged
export class Resource {
  kind: u32;
  index: u32;
  /** The MSC in front, or 0. */
  msc: usize;
  /** A byte per owner: the error of its requests where they break a limit of the MSC; and how many owners do. */
  offends: usize;
  offending: u32;
  /** The owner each owner becomes on its way out, u16; 0 where the MSC does not translate. */
  egress: usize;
}

export function resourceAt(index: u32): usize {
  return load<u32>(root().resources + (<usize>index << 2));
}

/** Lists a new resource; its number. */
export function addResource(at: usize, kind: u32): u32 {
  const r = root();
  const resource = changetype<Resource>(at);
  resource.kind = kind;
  resource.index = r.resourceCount;
  resource.offends = allocate(r.ownerCapacity);
  store<u32>(r.resources + (<usize>r.resourceCount << 2), <u32>at);
  return r.resourceCount++;
}

/** Bytes an owner moved past the measuring point of a resource, in one direction. */
export function bytesMoved(resource: usize, owner: u32, write: bool): u64 {
  if (changetype<Resource>(resource).kind == KIND_CACHE) return changetype<CacheSlice>(resource).bytesMoved(owner, write);
  return changetype<Channel>(resource).bytesMoved(owner, write);
}

/** Bytes of cache that hold lines of an owner; nothing is held in a channel. */
export function bytesHeld(resource: usize, owner: u32): u64 {
  if (changetype<Resource>(resource).kind == KIND_CACHE) return changetype<CacheSlice>(resource).bytesHeld(owner);
  return 0;
}

/** Forgets what an owner moved, for a new label under the same number. */
export function forget(resource: usize, owner: u32): void {
  if (changetype<Resource>(resource).kind == KIND_CACHE) changetype<CacheSlice>(resource).forget(owner);
  else changetype<Channel>(resource).forget(owner);
}

/** Bytes of dirty lines whose owners are marked. */
export function dirtyBytes(resource: usize, marks: usize): u64 {
  if (changetype<Resource>(resource).kind != KIND_CACHE) return 0;
  return <u64>dirtyLines(changetype<CacheSlice>(resource), marks) << root().lineShift;
}
