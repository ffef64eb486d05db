// Several traces as one stream, ordered by (time, file, row): what one call replays is staged in the module's memory.

import type { FeedPosition, Intake, Placement, Slab } from "./columns-in.ts";
import { Feed } from "./feed.ts";
import { LINE_BYTES, type TraceSource } from "./source.ts";

/** What the hardware's intake answers where no feed lacks anything. */
const NONE = 0xffff_ffff;

/** An entry of the table of who asks (assembly/replay/intake.ts): requester, first line, lines of 64 bytes, first byte, bytes. */
const ASKER_BYTES = 32;
const MOST_ADDRESS = 0xffff_ffff_ffff_ffffn;

export interface MergeHost {
  readonly intake: Intake;
  readonly memory: WebAssembly.Memory;
}

export class Merge {
  readonly #feeds: readonly Feed[];
  readonly #intake: Intake;

  constructor(
    host: MergeHost,
    sources: readonly TraceSource[],
    placements: readonly Placement[],
    startNs: number,
    positions?: readonly FeedPosition[],
  ) {
    const { intake, memory } = host;
    this.#intake = intake;
    let free = intake.openIntake(sources.length, startNs);
    const end = intake.intakeEnd();
    // Tables of who asks may take half of it; traces that find no room there go the general way.
    const half = free + (end - free) / 2;
    const known = placements.map((placement, i) => {
      const bytes = placement.requesters.length * ASKER_BYTES;
      if (free + bytes > half) return false;
      writeAskers(new DataView(memory.buffer, free, bytes), placement);
      intake.setAskers(i, free, placement.requesters.length);
      free += bytes;
      return true;
    });
    const bytes = Math.floor((end - free) / Math.max(1, 2 * sources.length) / 64) * 64;
    const slab = (n: number): Slab => ({ at: free + n * bytes, bytes });
    this.#feeds = sources.map((source, i) => {
      const placement = placements[i] as Placement;
      const slabs = [slab(2 * i), slab(2 * i + 1)] as const;
      return new Feed({ intake, memory, startNs }, i, source, placement, slabs, known[i] as boolean, positions?.[i]);
    });
  }

  get positions(): readonly FeedPosition[] {
    return this.#feeds.map((feed) => feed.position);
  }

  /** Model time of the next record, or Infinity when all have ended. Throws what a trace threw in place of its next record. */
  async nextTime(): Promise<number> {
    if (this.#intake.stagedRecords() > 0) return this.#intake.stagedTime(this.#intake.stagedFirst());
    return this.unstagedTime();
  }

  /** The same of the next record that is not staged. */
  async unstagedTime(): Promise<number> {
    for (let dry = this.#intake.dryFeed(); dry !== NONE; dry = this.#intake.dryFeed()) {
      const feed = this.#feeds[dry] as Feed;
      await feed.ready();
      if (feed.failure) throw feed.failure.error;
    }
    return this.#intake.nextTime();
  }

  /**
   * Stages the records before `before`, at most `most`, and returns how many: however the traces are cut into batches, only
   * a trace that fails ends it early. `ran` says which of them have run; the others come again first.
   */
  async stage(before: number, most: number): Promise<number> {
    if (this.#intake.stagedRecords() === 0) for (const feed of this.#feeds) feed.mark();
    for (let dry = this.#intake.stage(before, most); dry !== NONE; dry = this.#intake.stage(before, most)) {
      const feed = this.#feeds[dry] as Feed;
      await feed.ready();
      if (feed.failure) break;
    }
    return this.#intake.stagedBefore(before);
  }

  /** The first `count` staged records have run. */
  ran(count: number): void {
    this.#intake.ran(count);
  }

  /** Model time of a record of those staged last; undefined past them. */
  timeOf(index: number): number | undefined {
    const time = index >= 0 ? this.#intake.stagedTime(index) : Number.POSITIVE_INFINITY;
    return time === Number.POSITIVE_INFINITY ? undefined : time;
  }

  async close(): Promise<void> {
    await Promise.all(this.#feeds.map((feed) => feed.close()));
  }
}

function writeAskers(table: DataView, { requesters, bases, reaches, lineBytes }: Placement): void {
  requesters.forEach((requester, i) => {
    const at = i * ASKER_BYTES;
    const base = bases[i] as number;
    // Without a space nothing is in reach.
    const reach = reaches[i] ?? 0;
    const endless = reach === Number.POSITIVE_INFINITY;
    table.setUint32(at, requester, true);
    table.setUint32(at + 4, base / lineBytes, true);
    table.setBigUint64(at + 8, endless ? 2n ** 32n : BigInt(reach / LINE_BYTES), true);
    table.setBigUint64(at + 16, BigInt(base), true);
    table.setBigUint64(at + 24, endless ? MOST_ADDRESS : BigInt(reach), true);
  });
}
