// Which bandwidth limit each requester is under: that of its cpu for its exception level, as the registers were when it was
// labelled. Only machines with a cpu that can limit have the table.

import { KIND_DATA } from "../regs/pe-words";
import { allocate, root } from "../root";
import { limitOf } from "./limit";
import { peAt } from "./registers";

@unmanaged
export class Limited {
  /** As `limitOf` has it; 0 without one. */
  limit: u64;
  /** How long it has been stalled. */
  stalledNs: u64;
  cpu: u16;
  el: u16;
}

export function buildLimited(): void {
  const r = root();
  if (r.mayLimit) r.limited = allocate(<usize>r.requesterCapacity * offsetof<Limited>());
}

// @ts-ignore: decorator
@inline
export function limitedAt(requester: u32): Limited {
  return changetype<Limited>(root().limited + <usize>requester * offsetof<Limited>());
}

/** Fetches are under the same limit as data, and traces have no streaming data. */
export function putLimit(requester: u32, cpu: u32, el: u32): void {
  const r = root();
  if (r.limited == 0) return;
  const entry = limitedAt(requester);
  const limit = limitOf(peAt(cpu), el, KIND_DATA);
  if (limit != 0 && entry.limit == 0) r.limitedCount++;
  if (limit == 0 && entry.limit != 0) r.limitedCount--;
  entry.limit = limit;
  entry.cpu = <u16>cpu;
  entry.el = <u16>el;
  // Its label may be another, too.
  r.gatesStale = 1;
}

export function stalledOf(requester: u32): u64 {
  return root().limited == 0 ? 0 : limitedAt(requester).stalledNs;
}
