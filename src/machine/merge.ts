// Several traces as one stream, ordered by (time, file, row): what one call replays is staged in the module's memory.

import type { FeedPosition, Intake } from "./columns-in.ts";
import type { Feed } from "./feed.ts";

/** What the hardware's intake answers where no feed lacks anything. */
const NONE = 0xffff_ffff;

export class Merge {
  constructor(
    private readonly intake: Intake,
    private readonly feeds: readonly Feed[],
  ) {}

  get positions(): readonly FeedPosition[] {
    return this.feeds.map((feed) => feed.position);
  }

  /** Model time of the next record, or Infinity when all have ended. Throws what a trace threw in place of its next record. */
  async nextTime(): Promise<number> {
    if (this.intake.stagedRecords() > 0) return this.intake.stagedTime(this.intake.stagedFirst());
    return this.unstagedTime();
  }

  /** The same of the next record that is not staged. */
  async unstagedTime(): Promise<number> {
    for (let dry = this.intake.dryFeed(); dry !== NONE; dry = this.intake.dryFeed()) {
      const feed = this.feeds[dry] as Feed;
      await feed.ready();
      if (feed.failure) throw feed.failure.error;
    }
    return this.intake.nextTime();
  }

  /**
   * Stages the records before `before`, at most `most`, and returns how many: however the traces are cut into batches, only
   * a trace that fails ends it early. `ran` says which of them have run; the others come again first.
   */
  async stage(before: number, most: number): Promise<number> {
    if (this.intake.stagedRecords() === 0) for (const feed of this.feeds) feed.mark();
    for (let dry = this.intake.stage(before, most); dry !== NONE; dry = this.intake.stage(before, most)) {
      const feed = this.feeds[dry] as Feed;
      await feed.ready();
      if (feed.failure) break;
    }
    return this.intake.stagedBefore(before);
  }

  /** The first `count` staged records have run. */
  ran(count: number): void {
    this.intake.ran(count);
  }

  /** Model time of a record of those staged last; undefined past them. */
  timeOf(index: number): number | undefined {
    const time = index >= 0 ? this.intake.stagedTime(index) : Number.POSITIVE_INFINITY;
    return time === Number.POSITIVE_INFINITY ? undefined : time;
  }

  async close(): Promise<void> {
    await Promise.all(this.feeds.map((feed) => feed.close()));
  }
}
