// Closed replays of traces that hold their requesters in one order: records are read in it and given to their requesters; what
// a slow one does not take yet waits in a queue of its own, so that others can go on.

import type { FeedPosition } from "./columns-in.ts";
import type { Feed } from "./feed.ts";
import { Merge } from "./merge.ts";
import { RecordQueue } from "./record-queue.ts";
import type { Supply, SupplyHost, SupplyState } from "./supply.ts";

/** Records read at a time. */
const READ_RECORDS = 32768;

/** Records that are handed over at once (assembly/replay/handover.ts). */
const HANDED_RECORDS = 256;

const NONE = 0xffff_ffff;

interface Stream {
  readonly requester: number;
  readonly number: number;
  readonly queue: RecordQueue;
}

/** A moment when nothing was staged: where the traces were, and what had been read for each stream, modulo 2^32. */
interface Mark {
  readonly positions: readonly FeedPosition[];
  readonly read: readonly number[];
}

export class MergedSupply implements Supply {
  readonly #merge: Merge;
  readonly #streams: readonly Stream[];
  readonly #byRequester = new Map<number, Stream>();
  /** The last ones, from the one on at which everything read had been given. */
  readonly #marks: Mark[];
  /** The time of the next record that has not been read, and what a trace threw in place of it. */
  #unread = 0;
  #failure: { readonly error: unknown } | undefined;
  #ended: boolean;

  constructor(
    private readonly host: SupplyHost,
    feeds: readonly Feed[],
    requesters: readonly number[],
    state?: SupplyState,
  ) {
    const { hardware } = host;
    this.#merge = new Merge(host.intake, feeds);
    const skips = new Map(state?.given);
    this.#streams = requesters.map((requester) => {
      const number = hardware.openStream(requester);
      hardware.setSkip(number, skips.get(requester) ?? 0);
      hardware.setBehind(number, false);
      const stream = { requester, number, queue: new RecordQueue() };
      this.#byRequester.set(requester, stream);
      return stream;
    });
    this.#ended = requesters.length === 0;
    this.#marks = [this.#mark(this.#merge.positions)];
  }

  save(): SupplyState {
    this.#forgetMarks();
    const { positions, read } = this.#marks[0] as Mark;
    const given = this.#streams.map(({ requester }, i) => [requester, this.#givenSince(i, read)] as const);
    return { positions, given: given.filter(([, records]) => records > 0) };
  }

  /** Nothing waits outside the hardware, and nothing more comes. */
  get exhausted(): boolean {
    if (!this.#ended || this.host.intake.stagedRecords() > 0) return false;
    return this.#streams.every(({ queue }) => queue.length === 0);
  }

  /** Hands over what there is room for; whether there was anything. What the hardware gets later is no earlier than the horizon. */
  give(): boolean {
    const { hardware, intake } = this.host;
    const staged = intake.stagedRecords();
    let some = this.#giveQueued();
    if (staged > 0) hardware.giveStaged();
    const left = intake.stagedRecords();
    some ||= left < staged;
    let horizon = left > 0 ? intake.stagedTime(intake.stagedFirst()) : this.#unread;
    const over = this.#ended && left === 0;
    for (const { number, queue } of this.#streams) {
      if (queue.length > 0) horizon = Math.min(horizon, queue.times[queue.first] as number);
      else if (over) hardware.endStream(number);
    }
    hardware.setHorizon(BigInt(Math.floor(horizon)));
    return some;
  }

  /** Brings records to where `give` finds them, as nothing of what is there can be given. Throws what a trace threw. */
  async fetch(): Promise<void> {
    if (this.host.intake.stagedRecords() > 0) this.#putAside();
    else if (this.#failure) throw this.#failure.error;
    else await this.#read();
  }

  async close(): Promise<void> {
    await this.#merge.close();
  }

  /** Reads on, in the order of all traces. */
  async #read(): Promise<void> {
    this.#marks.push(this.#mark(this.#merge.positions));
    this.#forgetMarks();
    await this.#merge.stage(Number.POSITIVE_INFINITY, READ_RECORDS);
    try {
      const next = await this.#merge.unstagedTime();
      if (next === Number.POSITIVE_INFINITY) this.#ended = true;
      else this.#unread = next;
    } catch (error) {
      this.#failure = { error };
    }
  }

  #giveQueued(): boolean {
    const { hardware, memory } = this.host;
    let some = false;
    for (const { number, queue } of this.#streams) {
      if (queue.length === 0) continue;
      const count = Math.min(queue.length, hardware.streamRoom(number), HANDED_RECORDS);
      if (count === 0) continue;
      const at = hardware.handed();
      const { first } = queue;
      new Float64Array(memory.buffer, at, count).set(queue.times.subarray(first, first + count));
      new Uint32Array(memory.buffer, at + 8 * HANDED_RECORDS, count).set(queue.lines.subarray(first, first + count));
      new Uint8Array(memory.buffer, at + 12 * HANDED_RECORDS, count).set(queue.metas.subarray(first, first + count));
      hardware.giveHanded(number, count);
      queue.drop(count);
      if (queue.length === 0) hardware.setBehind(number, false);
      some = true;
    }
    return some;
  }

  /** What is staged and has no room goes into queues: somebody behind it is waited for. */
  #putAside(): void {
    const { hardware, intake, memory } = this.host;
    const length = READ_RECORDS;
    const lines = new Uint32Array(memory.buffer, hardware.stagedLines(), length);
    const requesters = new Uint16Array(memory.buffer, hardware.stagedRequesters(), length);
    const metas = new Uint8Array(memory.buffer, hardware.stagedMetas(), length);
    for (let at = hardware.giveStaged(); at !== NONE; at = hardware.giveStaged()) {
      const { number, queue } = this.#byRequester.get(requesters[at] as number) as Stream;
      if (queue.length === 0) hardware.setBehind(number, true);
      queue.push(lines[at] as number, metas[at] as number, intake.stagedTime(at));
      intake.ran(1);
    }
  }

  #mark(positions: readonly FeedPosition[]): Mark {
    const { hardware } = this.host;
    const read = this.#streams.map(
      ({ number, queue }) => (hardware.streamTaken(number) + queue.length - hardware.streamSkip(number)) >>> 0,
    );
    return { positions, read };
  }

  /** A replay goes on from the last mark before which everything has been given: earlier ones are of no use. */
  #forgetMarks(): void {
    const last = this.#marks.findLastIndex(({ read }) =>
      this.#streams.every((_, i) => this.#givenSince(i, read) < 2 ** 31),
    );
    this.#marks.splice(0, last);
  }

  /** Records of a stream that were read after a mark and have been given; past 2^31 where some read before have not. */
  #givenSince(stream: number, read: readonly number[]): number {
    const { number } = this.#streams[stream] as Stream;
    return (this.host.hardware.streamTaken(number) - (read[stream] as number)) >>> 0;
  }
}
