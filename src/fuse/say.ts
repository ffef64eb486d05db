// Lines on standard error from a thread whose event loop stands still at times.

import { writeSync } from "node:fs";

/** Between two tries while the reader is slow, ms. */
const PATIENCE_MS = 1;

const asleep = new Int32Array(new SharedArrayBuffer(4));

/** Returns when all of it is written, however slow the reader is. What nobody reads any more is dropped. */
export function say(line: string): void {
  let left = Buffer.from(`${line}\n`);
  while (left.length > 0) {
    try {
      left = left.subarray(writeSync(2, left));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") return;
      Atomics.wait(asleep, 0, 0, PATIENCE_MS);
    }
  }
}
