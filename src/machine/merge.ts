// Several feeds as one stream, ordered by (time, file, row): what one call replays is staged in the module's memory.

import type { Feed } from "./feed.ts";

export interface Columns {
  readonly lines: Uint32Array;
  readonly requesters: Uint16Array;
  readonly metas: Uint8Array;
}

export class Merge {
  /** Model time of each staged record. */
  readonly times: Float64Array;
  /** Which feed each staged record came from. */
  readonly #from: Uint8Array;

  constructor(
    private readonly feeds: readonly Feed[],
    private readonly capacity: number,
  ) {
    this.times = new Float64Array(capacity);
    this.#from = new Uint8Array(capacity);
  }

  /** Model time of the next record, or Infinity when all have ended. */
  async nextTime(): Promise<number> {
    let least = Number.POSITIVE_INFINITY;
    for (const feed of this.feeds) {
      await feed.ready();
      least = Math.min(least, feed.time);
    }
    return least;
  }

  /**
   * Stages the records before `before`, as far as they are here and fit, and returns how many. It stops where a feed runs
   * dry, for the caller to ask `nextTime` again. Feeds move on; `giveBack` undoes it for records that did not run.
   */
  stage(columns: Columns, before: number): number {
    let out = 0;
    while (out < this.capacity) {
      let first = -1;
      let time = before;
      let next = before;
      for (let i = 0; i < this.feeds.length; i++) {
        const feed = this.feeds[i] as Feed;
        if (feed.ended) continue;
        if (feed.next === feed.count) return out;
        if (feed.time < time) {
          next = time;
          time = feed.time;
          first = i;
        } else if (feed.time < next) next = feed.time;
      }
      if (first < 0) return out;
      out = this.#run(first, columns, out, next);
    }
    return out;
  }

  /** Takes records from one feed as long as no other comes before them. */
  #run(index: number, columns: Columns, start: number, next: number): number {
    const feed = this.feeds[index] as Feed;
    let out = start;
    let i = feed.next;
    const end = Math.min(feed.count, i + this.capacity - out);
    // On equal times the earlier file goes first, and `next` may be the time of an earlier or a later one: one record at a time then.
    do {
      columns.lines[out] = feed.lines[i] as number;
      columns.requesters[out] = feed.requesters[i] as number;
      columns.metas[out] = feed.metas[i] as number;
      this.times[out] = feed.times[i] as number;
      this.#from[out] = index;
      out++;
      i++;
    } while (i < end && (feed.times[i] as number) < next);
    feed.next = i;
    return out;
  }

  /** Puts back staged records from `ran` on: an armed stop ended the call before them. */
  giveBack(ran: number, staged: number): void {
    for (let i = ran; i < staged; i++) (this.feeds[this.#from[i] as number] as Feed).next--;
  }
}
