// A request on its way from level to level, in 8 bytes: line [31:0]; kind [33:32] and owner [47:34]; the slice it goes to [63:48],
// which is the first one of a cache until the request is routed (routing.ts).

import { hashOn, mix } from "../mixer";
import { CacheSlice } from "./cache";
import { resourceAt } from "./resource";

export const REQUEST_BYTES: usize = 8;

// Kinds. A line is read, or part of it is written where records enter, or it is written whole by the level above.
export const READ: u32 = 0;
export const WRITE: u32 = 1;
export const FULL: u32 = 2;
export const WRITE_BACK: u32 = WRITE | FULL;

// @ts-ignore: decorator
@inline
export function packRequest(line: u32, owner: u32, kind: u32, slice: u32): u64 {
  return <u64>line | (<u64>((owner << 2) | kind | (slice << 16)) << 32);
}

// @ts-ignore: decorator
@inline
export function lineOf(request: u64): u32 {
  return <u32>request;
}

// @ts-ignore: decorator
@inline
export function kindOf(request: u64): u32 {
  return <u32>(request >>> 32) & 3;
}

// @ts-ignore: decorator
@inline
export function ownerOf(request: u64): u32 {
  return <u32>(request >>> 34) & 0x3fff;
}

/** Number of the slice among all slices. */
// @ts-ignore: decorator
@inline
export function sliceOf(request: u64): u32 {
  return <u32>(request >>> 48);
}

/** The slice of a cache that a line belongs to, by the cache's first slice. */
// @ts-ignore: decorator
@inline
export function sliceFor(first: usize, line: u32): CacheSlice {
  const cache = changetype<CacheSlice>(first);
  if (cache.slices == 1) return cache;
  return changetype<CacheSlice>(resourceAt(cache.index + (hashOn(mix(1), line) % cache.slices)));
}
