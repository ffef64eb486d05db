// Register accesses in a batch: one call of the module for many of them.

import { readPage, writePage } from "./page";
import { root } from "../root";

/** An access: the word that says what it is, its offset, its value low and high. */
export const OPERATION_BYTES: usize = 16;
export const OPERATIONS: u32 = 4096;

// The first word: MSC [15:0], space [17:16], write [18], 64 bits wide [19].
const WRITE: u32 = 0x0004_0000;
const WIDE: u32 = 0x0008_0000;

export function runBatch(n: u32): void {
  let at = root().operations;
  const end = at + <usize>min(n, OPERATIONS) * OPERATION_BYTES;
  for (; at < end; at += OPERATION_BYTES) {
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
