// What an MSC stands in front of: a cache slice or a memory channel. A resource counts what it does per owner; monitors
// are views of those counts.

import { CacheSlice, LINE } from "./cache";
import { dirtyLines } from "./layout";
import { Channel } from "./channel";

export const KIND_CACHE: u32 = 0;
export const KIND_CHANNEL: u32 = 1;

@unmanaged
export class Resource {
  kind: u32;
  index: u32;
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
  return <u64>dirtyLines(changetype<CacheSlice>(resource), marks) * LINE;
}
