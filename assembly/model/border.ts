// The border in front of the last level: of every slice with memory below it, and of a channel for records that enter there. In
// open timing nothing behind it acts on what is before it, and no slice knows of another. So a machine may be one part of
// several that run the same records: each has the levels before the border whole, and behind it the slices of its number.

import { root } from "../root";
import { CacheSlice, sliceAt } from "./cache";
import { Channel } from "./channel";
import { nodeAt } from "./memory";
import { REQUEST_BYTES, sliceOf } from "./request";
import { resourceAt } from "./resource";

// What becomes of a request that comes to the border.

export const SERVED: u32 = 0;
/** It is another part's, and leaves no trace. */
export const ELSEWHERE: u32 = 1;

/** The machine is part `index` of `count`. Slices go by their numbers in their caches, and channels in their nodes where there are no caches. */
export function setPart(index: u32, count: u32): void {
  const r = root();
  r.part = index;
  r.parts = count;
  for (let n: u32 = 0; n < r.sliceCount; n++) {
    const cache = sliceAt(n);
    cache.border = cache.below == 0 && cache.slice % count != index ? ELSEWHERE : SERVED;
  }
  for (let n: u32 = 0; n < r.nodeCount; n++) {
    for (let channel: u32 = 0; channel < nodeAt(n).channels; channel++) {
      // What passes all caches by belongs to the first part.
      const number = r.sliceCount == 0 ? channel % count : 0;
      changetype<Channel>(resourceAt(nodeAt(n).first + channel)).border = number == index ? SERVED : ELSEWHERE;
    }
  }
}

/** Whether some requests are other parts'. */
// @ts-ignore: decorator
@inline
export function isPart(): bool {
  return root().parts > 1;
}

/** Takes the requests of other parts out of a queue in which all have their slices; how many are left. `places`: a u32 for each, or 0. */
export function sift(requests: usize, n: u32, places: usize): u32 {
  const slices = root().slices;
  let left: usize = 0;
  for (let i: usize = 0; i < <usize>n; i++) {
    const request = load<u64>(requests + i * REQUEST_BYTES);
    const cache = changetype<CacheSlice>(load<u32>(slices + (<usize>sliceOf(request) << 2)));
    store<u64>(requests + left * REQUEST_BYTES, request);
    if (places != 0) store<u32>(places + (left << 2), load<u32>(places + (i << 2)));
    left += cache.border == SERVED ? 1 : 0;
  }
  return <u32>left;
}
