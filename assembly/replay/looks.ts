// Monitors whose registers have been written since the last record: before the next one they take note of where the
// buckets stand, once, however often they were written.

import { lookAgain, Mbwu } from "../monitor/mbwu";
import { root } from "../root";

export function queue(mbwu: usize): void {
  const r = root();
  store<u32>(r.waiting + (<usize>r.waitingCount << 2), <u32>mbwu);
  r.waitingCount++;
}

/** Before traffic. */
export function takeLooks(): void {
  const r = root();
  for (let i: u32 = 0; i < r.waitingCount; i++) {
    const mbwu = changetype<Mbwu>(load<u32>(r.waiting + (<usize>i << 2)));
    mbwu.waits = 0;
    lookAgain(mbwu);
  }
  r.waitingCount = 0;
}
