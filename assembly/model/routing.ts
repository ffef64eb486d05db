// Where requests go: the slice of a cache, by a hash of the line (docs/modelled.md), for a whole queue at once.

import { hashOn, mix } from "../mixer";
import { CacheSlice, sliceAt } from "./cache";
import { lineOf, REQUEST_BYTES, sliceOf } from "./request";

/** What MIXED is among numbers of slices: caches of one level that have different ones. */
export const VARIOUS: u32 = 0;

/** Gives requests their slices; `slices` is what the caches they are for have, each of them. */
export function route(requests: usize, n: u32, slices: u32): void {
  if (slices == 1) return;
  if (slices != VARIOUS && popcnt(slices) == 1) routeEvenly(requests, n, slices - 1, mix(1));
  else routeEach(requests, n);
}

/** Gives requests to memory, which name no slice, the channels of a node that has a power of two of them. */
export function routeToChannels(requests: usize, n: u32, channels: u32): void {
  if (channels > 1) routeEvenly(requests, n, channels - 1, mix(2));
}

/** Four at a time. Up to three requests past the end are rewritten too, which nobody reads. */
function routeEvenly(requests: usize, n: u32, mask: u32, salt: u32): void {
  const end = requests + ((<usize>n + 3) & ~3) * REQUEST_BYTES;
  if (!ASC_FEATURE_SIMD) {
    for (; requests < end; requests += REQUEST_BYTES) {
      const request = load<u64>(requests);
      store<u64>(requests, request + (<u64>(hashOn(salt, lineOf(request)) & mask) << 48));
    }
    return;
  }
  const first = i32x4.splat(salt);
  const masks = i32x4.splat(mask);
  for (; requests < end; requests += 4 * REQUEST_BYTES) {
    const low = v128.load(requests);
    const high = v128.load(requests, 16);
    const lines = i32x4.shuffle(low, high, 0, 2, 4, 6);
    const words = i32x4.shuffle(low, high, 1, 3, 5, 7);
    const hash = mixFour(v128.xor(first, mixFour(i32x4.add(lines, i32x4.splat(0x9e37_79b9)))));
    const routed = i32x4.add(words, i32x4.shl(v128.and(hash, masks), 16));
    v128.store(requests, i32x4.shuffle(lines, routed, 0, 4, 1, 5));
    v128.store(requests, i32x4.shuffle(lines, routed, 2, 6, 3, 7), 16);
  }
}

/** mix (mixer.ts) of four words. */
// @ts-ignore: decorator
@inline
function mixFour(x: v128): v128 {
  let y = v128.xor(x, i32x4.shr_u(x, 16));
  y = i32x4.mul(y, i32x4.splat(0x85eb_ca6b));
  y = v128.xor(y, i32x4.shr_u(y, 13));
  y = i32x4.mul(y, i32x4.splat(0xc2b2_ae35));
  return v128.xor(y, i32x4.shr_u(y, 16));
}

/** Requests that pass a level by come here again at the next: who has a slice keeps it. */
function routeEach(requests: usize, n: u32): void {
  const end = requests + <usize>n * REQUEST_BYTES;
  for (; requests < end; requests += REQUEST_BYTES) {
    const request = load<u64>(requests);
    const cache: CacheSlice = sliceAt(sliceOf(request));
    if (cache.slices == 1) continue;
    const slice = hashOn(mix(1), lineOf(request)) % cache.slices;
    store<u64>(requests, request + (<u64>(slice - cache.slice) << 48));
  }
}
