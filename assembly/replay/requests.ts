// Requests in place of records: what another run has handed over at the border comes in there (model/border.ts). A requester
// stands for a label and for the cache where its requests go. Requests of one record are never taken apart where that could be
// seen: what is exact to the record is so here too.

import { ASKED, IN, MORE, SERVED, WRITTEN } from "../model/border";
import { CacheSlice, sliceAt, UPSTREAM } from "../model/cache";
import { demand, writeBack } from "../model/path";
import { sliceFor } from "../model/request";
import { MEMORY, resourceAt } from "../model/resource";
import { downstreamOf } from "../pe/labels";
import { NO_OWNER } from "../pe/owners";
import { MAX_LEVEL, NO_RESOURCE, root } from "../root";
import { bytesOf, enterMemory, ownerFor } from "./part";
import { settle } from "./settle";

const OP_WRITE: u32 = 1;

// @ts-ignore: decorator
@inline
export function areRequests(): bool {
  return root().crossing == IN;
}

/** A requester stands for requests of a label (pe/owners.ts) to a cache, by its first slice, or to memory. False when the labels in use are too many. */
export function setSender(requester: u32, label: u32, cache: u32): bool {
  const r = root();
  const slice = cache == NO_RESOURCE ? changetype<CacheSlice>(0) : changetype<CacheSlice>(resourceAt(cache));
  const index = downstreamOf(label, cache == NO_RESOURCE ? MAX_LEVEL + 1 : slice.level);
  if (index == NO_OWNER) return false;
  if (cache == NO_RESOURCE && r.sliceCount != 0) r.uneven = 1;
  store<u16>(r.entries + (<usize>requester << 1), <u16>(cache == NO_RESOURCE ? MEMORY : slice.number));
  label4(requester, index);
  return true;
}

/** Nobody uses a requester any more. */
export function forgetSender(requester: u32): void {
  label4(requester, 0);
}

function label4(requester: u32, index: u32): void {
  const labels = root().labels + (<usize>requester << 3);
  for (let op: usize = 0; op < 4; op++) store<u16>(labels + (op << 1), <u16>index);
}

/** How many of `span` requests may run for themselves, so that the last is the last one of its record; with none such, all of the first record. */
export function wholeRecords(metas: usize, span: u32): u32 {
  let count = span;
  while (count > 0 && isFollowed(load<u8>(metas + count - 1))) count--;
  if (count > 0) return count;
  while (isFollowed(load<u8>(metas + count))) count++;
  return count + 1;
}

/** Whether more requests of the same record come after one. */
function isFollowed(meta: u32): bool {
  return meta >= ASKED && (meta & MORE) != 0;
}

/** Runs requests one after the other, each all the way down. */
export function runRequests(lines: usize, requesters: usize, metas: usize, n: u32): u32 {
  const r = root();
  let done: u32 = 0;
  while (done < n && !r.stopped) {
    const meta = <u32>load<u8>(metas + done);
    enter(load<u32>(lines + (done << 2)), load<u16>(requesters + (done << 1)), meta);
    r.record++;
    r.singleRecords++;
    done++;
    if (!isFollowed(meta)) settle();
  }
  return done;
}

function enter(line: u32, requester: u32, meta: u32): void {
  const owner = ownerFor(requester, meta);
  const op = meta >>> 6;
  const entry = <u32>load<u16>(root().entries + (<usize>requester << 1));
  if (entry == MEMORY) return enterMemory(line, owner, meta);
  const slice = sliceFor(changetype<usize>(sliceAt(entry)), line);
  if (meta >= WRITTEN) return writeBack(slice, line, owner, false, 0);
  // Nothing is above a cache that counts what comes from records.
  if (slice.flags & UPSTREAM && slice.border == SERVED) slice.countUpstream(owner, op == OP_WRITE, bytesOf(meta));
  demand(slice, line, owner, op == OP_WRITE, 0);
}
