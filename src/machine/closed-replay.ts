// Replaying traces in closed timing: every requester has a read position of its own, and waits when what it has asked for
// waits. The hardware runs quantum by quantum; here records are read some thousands ahead of it, and edges pass.

import { ErrnoError } from "../errno/index.ts";
import type { Placement } from "./columns-in.ts";
import type { InterruptEvent } from "./interrupts.ts";
import { Merge } from "./merge.ts";
import { RecordQueue } from "./record-queue.ts";
import { type ReplayHost, type ReplayOptions, type ReplayState, YIELD_MS } from "./replay.ts";
import type { TraceSource } from "./source.ts";
import type { Hardware } from "./wasm.ts";

/** Records read at a time, and quanta run before the event loop has its turn. */
const READ_RECORDS = 16384;
const RUN_QUANTA = 4096;

const RAN = 0;
const HUNGRY = 1;
const STOPPED = 2;

/** What a closed replay needs of the machine. */
export interface ClosedHost extends Pick<ReplayHost, "intake" | "memory" | "clock" | "quantumNs" | "pending" | "edge"> {
  readonly hardware: Pick<
    Hardware,
    | "now"
    | "openStream"
    | "streamRoom"
    | "append"
    | "endStream"
    | "setHorizon"
    | "closeStreams"
    | "runQuanta"
    | "quantum"
    | "inQuantum"
    | "heldRequests"
    | "records"
    | "unissuedRecords"
  >;
  staged(): { readonly lines: Uint32Array; readonly requesters: Uint16Array; readonly metas: Uint8Array };
  /** The most requesters of one replay. */
  readonly requesters: number;
  /** Interrupts raised since the last call, at the times that the hardware has; `told` follows each when handlers have heard it. */
  deliver(told: (event: InterruptEvent) => void): readonly InterruptEvent[];
}

export class ClosedReplay {
  readonly #merge: Merge;
  readonly #startNs: number;
  readonly #base: number;
  /** By requester: its stream, what has been read for it, and how many of its records the hardware has. */
  readonly #streams = new Map<number, number>();
  readonly #queues = new Map<number, RecordQueue>();
  readonly #given = new Map<number, number>();
  /** Records to pass over: the hardware has them from before. */
  readonly #skip: Map<number, number>;
  #edgeNs: number | null;
  /** The time of the next record that has not been read. */
  #unread = 0;
  #ended = false;
  /** What a trace threw: nothing is read past it. */
  #failure: { readonly error: unknown } | undefined;
  #over = false;

  constructor(
    private readonly host: ClosedHost,
    private readonly sources: readonly TraceSource[],
    placements: readonly Placement[],
    state?: ReplayState,
  ) {
    const { hardware, clock, quantumNs } = host;
    this.#startNs = state?.startNs ?? Math.ceil(clock.now / quantumNs) * quantumNs;
    this.#base = Number(hardware.records()) - (state?.records ?? 0);
    this.#edgeNs = state?.edgeNs ?? null;
    this.#skip = new Map(state?.given ?? []);
    for (const [requester, count] of this.#skip) this.#given.set(requester, count);
    this.#merge = new Merge(host, sources, placements, this.#startNs);
    const requesters = new Set(placements.flatMap((placement) => placement.requesters));
    // What is refused leaves an earlier replay as it was.
    if (requesters.size > host.requesters) {
      throw new ErrnoError(
        "ENOSPC",
        `the traces have ${requesters.size} requesters, and processor.requesters of the platform gives closed timing room for ${host.requesters}`,
      );
    }
    if (!state) {
      host.edge();
      hardware.closeStreams();
    }
    for (const requester of requesters) this.#open(requester);
    this.#ended = requesters.size === 0;
    if (state) this.#noteChanges(clock.now);
  }

  #open(requester: number): void {
    this.#streams.set(requester, this.host.hardware.openStream(requester));
    this.#queues.set(requester, new RecordQueue());
  }

  save(): ReplayState {
    return {
      timing: "closed",
      hashes: this.sources.map((source) => source.hash),
      positions: this.sources.map(() => ({ row: 0, records: 0 })),
      startNs: this.#startNs,
      records: this.records,
      edgeNs: this.#edgeNs,
      given: [...this.#given],
    };
  }

  get records(): number {
    return Number(this.host.hardware.records()) - this.#base;
  }

  /** Every record has been issued, and nothing is held any more. */
  get finished(): boolean {
    return this.#over;
  }

  /**
   * Runs until all is served, or to `until` (the border of a quantum at or after it), an armed stop or an abort; answers what
   * stopped it, if something did. Interrupts are told at the end of the quantum that raised them.
   */
  async run(options: ReplayOptions): Promise<InterruptEvent | undefined> {
    const { clock, hardware } = this.host;
    const until = this.#border(options.until ?? Number.POSITIVE_INFINITY);
    const total = this.sources.reduce((sum, source) => sum + source.records, 0);
    let breath = performance.now();
    try {
      options.signal?.throwIfAborted();
      if (clock.now < Math.min(this.#startNs, until)) await this.#passTo(Math.min(this.#startNs, until));
      while (!this.#over) {
        options.signal?.throwIfAborted();
        this.#noteChanges(clock.now);
        const edge = this.#border(Math.min(clock.nextDue, this.#edgeNs ?? Number.POSITIVE_INFINITY));
        if (!hardware.inQuantum() && (edge <= clock.now || clock.now >= until)) {
          if (edge > clock.now) break;
          await this.#passTo(clock.now);
          continue;
        }
        const to = Math.min(edge, until, this.#border(clock.now) + RUN_QUANTA * this.host.quantumNs);
        const stop = await this.#call(Math.max(to, clock.now + 1), options);
        if (stop) return stop;
        if (performance.now() - breath >= YIELD_MS) {
          options.onProgress?.({ records: this.records, total, time: clock.now });
          await clock.settle();
          breath = performance.now();
        }
      }
      if (this.#over && until !== Number.POSITIVE_INFINITY) await this.#passTo(until);
      else await clock.moveTo(clock.now);
      options.onProgress?.({ records: this.records, total, time: clock.now });
      return undefined;
    } finally {
      await this.#merge.close();
    }
  }

  #border(ns: number): number {
    const { quantumNs } = this.host;
    return Math.ceil(ns / quantumNs) * quantumNs;
  }

  /** Runs the quanta before `to`, or fewer. */
  async #call(to: number, options: ReplayOptions): Promise<InterruptEvent | undefined> {
    const { clock, hardware, quantumNs } = this.host;
    let reason = HUNGRY;
    while (reason === HUNGRY) {
      this.#give();
      reason = hardware.runQuanta(BigInt(this.#border(to)));
      if (reason !== HUNGRY || this.#give()) continue;
      if (this.#failure) {
        // What came before the failure has run, and the clock says so.
        clock.set(Number(hardware.now()));
        throw this.#failure.error;
      }
      await this.#read();
    }
    this.#over = this.#ended && reason !== STOPPED && this.#nothingLeft();
    // In the middle of a quantum time is where the hardware has it.
    const border = Number(hardware.quantum()) * quantumNs;
    if (reason === STOPPED) clock.set(Number(hardware.now()));
    else clock.set(reason === RAN && !this.#over ? this.#border(to) : Math.max(clock.now, border));
    const events = this.host.deliver(({ time }) => this.#noteChanges(time));
    if (reason === STOPPED && options.stopOn?.includes("overflow")) {
      const stop = events.filter((event) => event.kind === "overflow" && event.level === 1).at(-1);
      if (stop) return stop;
    }
    const last = events.at(-1);
    if (last) {
      await clock.settle();
      this.#noteChanges(last.time);
    }
    return undefined;
  }

  #nothingLeft(): boolean {
    const { hardware } = this.host;
    for (const queue of this.#queues.values()) if (queue.length > 0) return false;
    return hardware.unissuedRecords() === 0n && hardware.heldRequests() === 0;
  }

  /** Hands over what there is room for; whether there was anything. What the hardware gets later is no earlier than the horizon. */
  #give(): boolean {
    const { hardware } = this.host;
    let some = false;
    let horizon = this.#unread;
    for (const [requester, stream] of this.#streams) {
      const queue = this.#queues.get(requester) as RecordQueue;
      const count = Math.min(queue.length, hardware.streamRoom(stream));
      for (let i = queue.first; i < queue.first + count; i++) {
        hardware.append(
          stream,
          queue.lines[i] as number,
          queue.metas[i] as number,
          BigInt(Math.floor(queue.times[i] as number)),
        );
      }
      queue.drop(count);
      if (queue.length > 0) horizon = Math.min(horizon, queue.times[queue.first] as number);
      if (count > 0) {
        some = true;
        this.#given.set(requester, (this.#given.get(requester) ?? 0) + count);
      }
      if (this.#ended && queue.length === 0) hardware.endStream(stream);
    }
    hardware.setHorizon(BigInt(Math.floor(horizon)));
    return some;
  }

  /** Reads on, in the order of all traces. */
  async #read(): Promise<void> {
    const count = await this.#merge.stage(Number.POSITIVE_INFINITY, READ_RECORDS);
    const { lines, requesters, metas } = this.host.staged();
    for (let at = 0; at < count; at++) {
      const requester = requesters[at] as number;
      const skip = this.#skip.get(requester) ?? 0;
      if (skip > 0) this.#skip.set(requester, skip - 1);
      else {
        const queue = this.#queues.get(requester) as RecordQueue;
        queue.push(lines[at] as number, metas[at] as number, this.#merge.timeOf(at) as number);
      }
    }
    this.#merge.ran(count);
    try {
      const next = await this.#merge.nextTime();
      if (next === Number.POSITIVE_INFINITY) this.#ended = true;
      else this.#unread = next;
    } catch (error) {
      this.#failure = { error };
    }
  }

  /** Time passes without traffic, or stands still at an edge: what has been waiting takes effect, then what is due runs. */
  async #passTo(ns: number): Promise<void> {
    const { clock } = this.host;
    for (;;) {
      const edge = Math.min(clock.nextDue, this.#edgeNs ?? Number.POSITIVE_INFINITY);
      if (edge > ns) break;
      if (this.#edgeNs !== null && this.#edgeNs <= edge) {
        if (this.#edgeNs > clock.now) clock.set(this.#edgeNs);
        this.host.edge();
        this.#edgeNs = null;
      }
      await clock.moveTo(Math.max(edge, clock.now));
      this.#noteChanges(clock.now);
    }
    if (ns > clock.now) clock.set(ns);
  }

  /** What has been changed because of something at `ns` waits for the next border of a quantum. */
  #noteChanges(ns: number): void {
    if (!this.host.pending() || this.#edgeNs !== null) return;
    const { quantumNs } = this.host;
    this.#edgeNs = (Math.floor(ns / quantumNs) + 1) * quantumNs;
  }
}
