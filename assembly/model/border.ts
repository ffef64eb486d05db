// The border in front of the last level: of every slice with memory below it, and of a channel for records that enter there. In
// open timing nothing behind it acts on what is before it, and no slice knows of another. So a machine may be one part of
// several that run the same records: each has the levels before the border whole, and behind it the slices of its number. And
// what comes to the border may be handed over, and come in there again, in this machine or in another (replay/requests.ts).

import { root } from "../root";
import { CacheSlice, sliceAt } from "./cache";
import { Channel } from "./channel";
import { nodeAt } from "./memory";
import { REQUEST_BYTES, sliceOf } from "./request";
import { MEMORY, resourceAt } from "./resource";

// What becomes of a request that comes to the border.

export const SERVED: u32 = 0;
/** It is another part's, and leaves no trace. */
export const ELSEWHERE: u32 = 1;
/** It is written down. */
export const HANDED: u32 = 2;

// What crosses the border, in root().crossing.

/** Nobody looks at it. */
export const FREELY: u32 = 0;
/** What comes there is handed over. */
export const OUT: u32 = 1;
/** Requests come in there, in place of records. */
export const IN: u32 = 2;

// Requests are columns like records: line, requester, and a byte with what it is in bits 7:6. Of what records ask for where they
// enter (0 a read, 1 a write) it has the bytes less one in bits 5:0; of what the level above asks for (2) or writes (3) no bytes.

export const ASKED: u32 = 2 << 6;
export const WRITTEN: u32 = 3 << 6;
/** Of the latter: the next one is of the same record. */
export const MORE: u32 = 1;

// Kinds (request.ts) by bits 7:6 of that byte, two bits each; of records all but 1 are reads.
export const KINDS_OF_RECORDS: u32 = 0x04;
export const KINDS_OF_REQUESTS: u32 = 0xc4;

/** A request that was handed over. */
@unmanaged
export class Handed {
  line: u32;
  /** Number of its record, as root().record has it. */
  record: u32;
  owner: u16;
  /** The first slice of the cache it is for, as a resource, or MEMORY. */
  entry: u16;
  what: u32;
}

/** Room that must be left for what one record causes. */
const MOST_OF_A_RECORD: usize = 64;

/** The machine is part `index` of `count`. Slices go by their numbers in their caches, and channels in their nodes where there are no caches. */
export function setPart(index: u32, count: u32): void {
  const r = root();
  r.part = index;
  r.parts = count;
  setBorder();
}

/** What crosses the border from now on. */
export function setCrossing(crossing: u32): void {
  const r = root();
  r.crossing = crossing;
  r.kinds = crossing == IN ? KINDS_OF_REQUESTS : KINDS_OF_RECORDS;
  setBorder();
}

function setBorder(): void {
  const r = root();
  for (let n: u32 = 0; n < r.sliceCount; n++) {
    const cache = sliceAt(n);
    cache.border = cache.below == 0 ? fateOf(cache.slice) : SERVED;
  }
  for (let n: u32 = 0; n < r.nodeCount; n++) {
    for (let channel: u32 = 0; channel < nodeAt(n).channels; channel++) {
      // What passes all caches by belongs to the first part.
      const number = r.sliceCount == 0 ? channel : 0;
      changetype<Channel>(resourceAt(nodeAt(n).first + channel)).border = fateOf(number);
    }
  }
}

function fateOf(number: u32): u32 {
  const r = root();
  if (r.crossing == OUT) return HANDED;
  return r.parts > 1 && number % r.parts != r.part ? ELSEWHERE : SERVED;
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

/** Handed-over requests go to `at` from now on, where there is room for so many. */
export function handTo(at: usize, room: u32): void {
  const r = root();
  r.handed = r.handedNext = at;
  r.handedEnd = at + <usize>room * offsetof<Handed>();
}

/** How many have been handed over since the last time. */
export function takeHanded(): u32 {
  const r = root();
  const count = <u32>((r.handedNext - r.handed) / offsetof<Handed>());
  r.handedNext = r.handed;
  return count;
}

/** Whether all that one more record causes can be handed over. */
export function hasRoom(): bool {
  const r = root();
  return r.handedNext + MOST_OF_A_RECORD * offsetof<Handed>() <= r.handedEnd;
}

/** A request comes to a cache that does not serve it. */
export function stopAt(cache: CacheSlice, line: u32, owner: u32, what: u32): void {
  if (cache.border == HANDED) handOver(cache.index - cache.slice, line, owner, what);
}

/** A record comes to memory that does not serve it. */
export function stopAtMemory(channel: Channel, line: u32, owner: u32, what: u32): void {
  if (channel.border == HANDED) handOver(MEMORY, line, owner, what);
}

function handOver(entry: u32, line: u32, owner: u32, what: u32): void {
  const r = root();
  const record = <u32>r.record;
  const at = r.handedNext;
  if (at > r.handed) {
    const last = changetype<Handed>(at - offsetof<Handed>());
    if (last.record == record) last.what |= MORE;
  }
  const request = changetype<Handed>(at);
  request.line = line;
  request.record = record;
  request.owner = <u16>owner;
  request.entry = <u16>entry;
  request.what = what;
  r.handedNext = at + offsetof<Handed>();
}
