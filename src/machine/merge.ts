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
  readonly #from: Uint32Array;
  /** Records in the columns, and how many of them have run. */
  #staged = 0;
  #ran = 0;

  constructor(
    private readonly feeds: readonly Feed[],
    private readonly capacity: number,
  ) {
    this.times = new Float64Array(capacity);
    this.#from = new Uint32Array(capacity);
  }

  /** Model time of the next record, or Infinity when all have ended. Throws what a trace threw in place of its next record. */
  async nextTime(): Promise<number> {
    if (this.#ran < this.#staged) return this.times[this.#ran] as number;
    let least = Number.POSITIVE_INFINITY;
    for (const feed of this.feeds) {
      await feed.ready();
      if (feed.failure) throw feed.failure.error;
      least = Math.min(least, feed.time);
    }
    return least;
  }

  /**
   * Stages the records before `before`, as many as fit, and returns how many: however the traces are cut into batches, only
   * a trace that fails ends it early. `ran` says which of them have run; the others come again first.
   */
  async stage(columns: Columns, before: number): Promise<number> {
    this.#bringForward(columns);
    if (this.#staged === 0 || (this.times[this.#staged - 1] as number) < before) await this.#fill(columns, before);
    let count = this.#staged;
    while (count > 0 && (this.times[count - 1] as number) >= before) count--;
    return count;
  }

  /** The first `count` staged records have run. */
  ran(count: number): void {
    this.#ran = count;
    const counts = new Uint32Array(this.feeds.length);
    if (counts.length === 1) counts[0] = count;
    else for (const index of this.#from.subarray(0, count)) counts[index] = (counts[index] as number) + 1;
    this.feeds.forEach((feed, index) => void feed.advance(counts[index] as number));
  }

  /** What an armed stop left goes to the front. */
  #bringForward(columns: Columns): void {
    const { lines, requesters, metas } = columns;
    for (const column of [lines, requesters, metas, this.times, this.#from])
      column.copyWithin(0, this.#ran, this.#staged);
    this.#staged -= this.#ran;
    this.#ran = 0;
  }

  async #fill(columns: Columns, before: number): Promise<void> {
    while (this.#staged < this.capacity) {
      let dry: Feed | undefined;
      let first = -1;
      let time = before;
      let next = before;
      for (let i = 0; i < this.feeds.length; i++) {
        const feed = this.feeds[i] as Feed;
        if (feed.next === feed.count && !feed.ended) dry = feed;
        if (feed.time < time) {
          next = time;
          time = feed.time;
          first = i;
        } else if (feed.time < next) next = feed.time;
      }
      // Nobody knows what comes first before every feed has something to show, or has ended.
      if (dry) {
        await dry.ready();
        if (dry.failure) return;
      } else if (first < 0) return;
      else this.#run(first, columns, next);
    }
  }

  /** Takes records from one feed as long as no other comes before them. */
  #run(index: number, columns: Columns, next: number): void {
    const feed = this.feeds[index] as Feed;
    let out = this.#staged;
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
    this.#staged = out;
  }
}
