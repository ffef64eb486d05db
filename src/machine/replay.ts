// Replaying traces in open timing: records take effect at their own times, in order; between edges calls follow each
// other, and an edge exists only where something is pending.

import type { FeedPosition, Placement } from "./columns-in.ts";
import type { Crossing, RecordFeed } from "./crossing.ts";
import type { BandwidthSample } from "./details.ts";
import { type IntakeHost, openFeeds } from "./feeds.ts";
import type { InterruptEvent, MscInterrupt } from "./interrupts.ts";
import { Merge } from "./merge.ts";
import { type EdgeHost, NextEdge } from "./next-edge.ts";
import { Breath, type Pace, Stride } from "./pace.ts";
import type { TraceSource } from "./source.ts";

/** Records of one call at most. */
export const CALL_RECORDS = 65536;

/** The event loop gets its turn at least this often. */
export const YIELD_MS = 8;

/** How far a replay has come: records, and model time in ns. */
export interface Progress {
  readonly records: number;
  readonly total: number;
  readonly time: number;
}

/** What a replay may be told about time and stops. */
const TIMINGS = ["open", "closed"] as const;
const STOPS = ["overflow"] as const;

/** How traces are replayed. */
export interface ReplayOptions {
  /** Open: records take effect at their own times, and limits delay nobody. Closed: requesters wait for what they asked for. */
  readonly timing?: (typeof TIMINGS)[number];
  /** End at the record that raises an overflow interrupt. */
  readonly stopOn?: readonly (typeof STOPS)[number][];
  readonly signal?: AbortSignal;
  /** Told whenever the event loop gets its turn, and at the end. */
  readonly onProgress?: (progress: Progress) => void;
  /** Who says how far it may go for now. */
  readonly pace?: Pace;
  /** End before the first record at or past this model time, ns; in closed timing before the first quantum there. */
  readonly until?: number;
  /** Measure bandwidth every so many ns of model time, and once more at the end. */
  readonly sampleNs?: number;
  /** Takes what `sampleNs` asks for. */
  readonly onSample?: (sample: BandwidthSample) => void;
  /**
   * In open timing: a RequestRecorder keeps what comes to the last level of caches, and nothing runs there; a RequestStream that was kept
   * in a replay of the same traces runs there in their place, and nothing before it.
   */
  readonly requests?: Crossing;
}

/** Throws a RangeError for what no replay can do. */
export function checkReplayOptions({ timing, stopOn, until, sampleNs, pace, requests }: ReplayOptions): void {
  const known = (values: readonly string[], value: unknown) => values.includes(value as string);
  const told = (values: readonly string[]) => values.map((value) => `"${value}"`).join(", ");
  if (timing !== undefined && !known(TIMINGS, timing)) {
    throw new RangeError(`timing is ${show(timing)}; ${told(TIMINGS)} is allowed`);
  }
  if (stopOn !== undefined && !(Array.isArray(stopOn) && stopOn.every((kind) => known(STOPS, kind)))) {
    throw new RangeError(`stopOn is ${show(stopOn)}; a list of ${told(STOPS)} is allowed`);
  }
  if (sampleNs !== undefined && !(sampleNs >= 1)) {
    throw new RangeError(`sampleNs is ${show(sampleNs)}; a time in ns, 1 or more, is allowed`);
  }
  if (until !== undefined && !(until >= 0)) {
    throw new RangeError(`until is ${show(until)}; a model time in ns, 0 or more, is allowed`);
  }
  if (requests && (timing === "closed" || stopOn !== undefined || pace !== undefined)) {
    throw new RangeError("requests cross to and from replays in open timing, without stopOn and pace");
  }
}

function show(value: unknown): string {
  return typeof value === "number" ? String(value) : (JSON.stringify(value) ?? String(value));
}

/** Where a replay stands: enough to go on with the same traces, in this process or another. */
export interface ReplayState {
  readonly timing: (typeof TIMINGS)[number];
  readonly hashes: readonly string[];
  /** Of each trace, or of each part of one that has some. */
  readonly positions: readonly FeedPosition[];
  readonly startNs: number;
  readonly records: number;
  /** When the changes that wait take effect, or null. */
  readonly edgeNs: number | null;
  /** Closed timing: how many records of each requester, from the positions on, the hardware has taken. */
  readonly given?: readonly (readonly [requester: number, records: number])[];
}

/** What the replay needs of the machine. */
export interface ReplayHost extends IntakeHost, EdgeHost {
  /** When a monitor becomes ready next, or some time after all others. */
  nextReady(): number;
  /** In place of the traces. */
  readonly feed?: RecordFeed | undefined;
  /** Runs `n` staged records; returns how many ran. */
  run(n: number, timeOf: (index: number) => number | undefined): number;
  stopped(): boolean;
  /** Interrupts raised since the last call, with times from the staged records; `told` follows each when handlers have heard it. */
  deliver(timeOf: (record: number) => number, told: (event: InterruptEvent) => void): readonly MscInterrupt[];
}

export class Replay {
  readonly #feed: RecordFeed;
  #records: number;
  readonly #edge: NextEdge;
  readonly #startNs: number;

  constructor(
    private readonly host: ReplayHost,
    private readonly sources: readonly TraceSource[],
    placements: readonly Placement[],
    state?: ReplayState,
  ) {
    this.#startNs = state?.startNs ?? host.clock.now;
    this.#records = state?.records ?? 0;
    this.#edge = new NextEdge(host, state?.edgeNs ?? null);
    const open = () => openFeeds(host, sources, placements, this.#startNs, state?.positions).feeds;
    this.#feed = host.feed ?? new Merge(host.intake, open());
    // The start of a replay is an edge; going on with one is not, and what has been changed since waits for the next.
    if (state) this.#edge.note(host.clock.now);
    else host.edge();
  }

  save(): ReplayState {
    return {
      timing: "open",
      hashes: this.sources.map((source) => source.hash),
      positions: this.#feed.positions,
      startNs: this.#startNs,
      records: this.#records,
      edgeNs: this.#edge.save(),
    };
  }

  get records(): number {
    return this.#records;
  }

  /** Every row has run. */
  get finished(): boolean {
    const rows = this.#feed.positions.reduce((sum, { row }) => sum + row, 0);
    return rows >= this.sources.reduce((sum, source) => sum + source.records, 0);
  }

  /**
   * Runs to the end, to `until`, to an armed stop or to an abort; answers what stopped it, if something did. Calls end after
   * CALL_RECORDS records, at edges and when monitors become ready, so that when handlers run depends on neither the batches
   * of a trace nor a clock.
   */
  async run(options: ReplayOptions): Promise<MscInterrupt | undefined> {
    const { clock } = this.host;
    const { pace, until = Number.POSITIVE_INFINITY } = options;
    const total = this.#feed.total ?? this.sources.reduce((sum, source) => sum + source.records, 0);
    const stride = new Stride(pace, CALL_RECORDS);
    const breath = new Breath(pace, YIELD_MS);
    try {
      for (;;) {
        options.signal?.throwIfAborted();
        this.#edge.note(clock.now);
        const nextRecord = await this.#feed.nextTime();
        if (nextRecord === Number.POSITIVE_INFINITY || nextRecord >= until) break;
        const allowed = pace?.until ?? Number.POSITIVE_INFINITY;
        const next = Math.min(nextRecord, this.#edge.due);
        if (pace && next >= allowed) {
          clock.set(allowed);
          await pace.rest(next);
          continue;
        }
        const edge = Math.min(this.#edge.due, until, allowed);
        if (edge <= nextRecord) {
          await this.#edge.pass(edge);
          continue;
        }
        // Captures within a call have the NRDY of its beginning: that is right up to here.
        const ready = this.host.nextReady();
        if (ready <= nextRecord) {
          clock.set(ready);
          continue;
        }
        const began = performance.now();
        const stop = await this.#call(Math.min(edge, ready), options, stride.size);
        if (stop) return stop;
        stride.took(performance.now() - began);
        await breath.taken(clock.now, async () => {
          options.onProgress?.({ records: this.#records, total, time: clock.now });
          await clock.settle();
        });
      }
      if (until !== Number.POSITIVE_INFINITY) await this.#passEdgesUpTo(until);
      else await clock.moveTo(clock.now);
      options.onProgress?.({ records: this.#records, total, time: clock.now });
      return undefined;
    } finally {
      await this.#feed.close();
    }
  }

  async #call(before: number, options: ReplayOptions, most: number): Promise<MscInterrupt | undefined> {
    const { clock } = this.host;
    const ran = this.host.run(await this.#feed.stage(before, most), (index) => this.#feed.timeOf(index));
    this.#feed.ran(ran);
    const first = this.#records;
    this.#records += ran;
    if (ran > 0) clock.set(this.#feed.timeOf(ran - 1) as number);
    const timeOf = (record: number) => this.#feed.timeOf(record - first) ?? clock.now;
    const events = this.host.deliver(timeOf, ({ time }) => this.#edge.note(time));
    if (this.host.stopped() && options.stopOn?.includes("overflow")) {
      const stop = events.filter((event) => event.kind === "overflow" && event.level === 1).at(-1);
      if (stop) return stop;
    }
    const last = events.at(-1);
    if (last) {
      await clock.settle();
      this.#edge.note(last.time);
    }
    return undefined;
  }

  async #passEdgesUpTo(until: number): Promise<void> {
    for (;;) {
      const edge = this.#edge.due;
      if (edge > until) break;
      await this.#edge.pass(edge);
    }
    this.host.clock.set(until);
  }
}
