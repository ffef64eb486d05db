// Register accesses in a batch: one call of the module for many of them.

import { EVENT_CAPACITY, EVENTS_PER_ACCESS } from "../events";
import { readPage, writePage } from "./page";
import { root } from "../root";

/** An access: the word that says what it is, its offset, its value low and high. */
export const OPERATION_BYTES: usize = 16;
export const OPERATIONS: u32 = 4096;

// The first word: MSC [15:0], space [17:16], write [18], 64 bits wide [19].
const WRITE: u32 = 0x0004_0000;
const WIDE: u32 = 0x0008_0000;

/** Accesses between two looks at how many interrupts wait. */
const STRETCH: u32 = 64;
/** So many may wait when a stretch begins; each of its accesses makes EVENTS_PER_ACCESS at most, a wide one twice that. */
const WAITING_MAX: u32 = EVENT_CAPACITY - STRETCH * 2 * EVENTS_PER_ACCESS;

/** Runs the first `n` staged accesses, or fewer where interrupts have to be taken first; how many. */
export function runBatch(n: u32): u32 {
  const all = min(n, OPERATIONS);
  let done: u32 = 0;
  while (done < all && root().eventCount <= WAITING_MAX) {
    const stretch = min(all - done, STRETCH);
    runStretch(root().operations + <usize>done * OPERATION_BYTES, stretch);
    done += stretch;
  }
  return done;
}

function runStretch(from: usize, n: u32): void {
  const end = from + <usize>n * OPERATION_BYTES;
  for (let at = from; at < end; at += OPERATION_BYTES) {
    const what = load<u32>(at);
    const msc = what & 0xffff;
    const space = (what >>> 16) & 3;
    const offset = load<u32>(at, 4);
    if (what & WRITE) {
      writePage(msc, offset, load<u32>(at, 8), space);
      if (what & WIDE) writePage(msc, offset + 4, load<u32>(at, 12), space);
    } else {
      store<u32>(at, readPage(msc, offset, space), 8);
      if (what & WIDE) store<u32>(at, readPage(msc, offset + 4, space), 12);
    }
  }
}
