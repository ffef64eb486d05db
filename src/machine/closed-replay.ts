// Replaying traces in closed timing: every requester has a read position of its own, and waits when what it has asked for
// waits. The hardware runs quantum by quantum; here records are read some thousands ahead of it, and edges pass.

import { ErrnoError } from "../errno/index.ts";
import type { Placement } from "./columns-in.ts";
import type { InterruptEvent, MscInterrupt } from "./interrupts.ts";
import { type EdgeHost, NextEdge } from "./next-edge.ts";
import { Breath, Stride } from "./pace.ts";
import { type ReplayOptions, type ReplayState, YIELD_MS } from "./replay.ts";
import type { TraceSource } from "./source.ts";
import { openSupply, type Supply, type SupplyHost } from "./supply.ts";
import type { Hardware } from "./wasm.ts";

/** Quanta run before the event loop has its turn. */
const RUN_QUANTA = 4096;

const RAN = 0;
const HUNGRY = 1;
const STOPPED = 2;

/** What a closed replay needs of the machine. */
export interface ClosedHost extends SupplyHost, EdgeHost {
  readonly hardware: SupplyHost["hardware"] &
    Pick<
      Hardware,
      "now" | "closeStreams" | "runQuanta" | "quantum" | "inQuantum" | "heldRequests" | "records" | "unissuedRecords"
    >;
  /** The most requesters of one replay. */
  readonly requesters: number;
  /** Interrupts raised since the last call, at the times that the hardware has; `told` follows each when handlers have heard it. */
  deliver(told: (event: InterruptEvent) => void): readonly MscInterrupt[];
}

export class ClosedReplay {
  readonly #supply: Supply;
  readonly #startNs: number;
  readonly #base: number;
  readonly #edge: NextEdge;
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
    this.#edge = new NextEdge(host, state?.edgeNs ?? null);
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
    const supplied = state && { positions: state.positions, given: state.given ?? [] };
    this.#supply = openSupply(host, sources, placements, this.#startNs, [...requesters], supplied);
    if (state) this.#edge.note(clock.now);
  }

  save(): ReplayState {
    return {
      timing: "closed",
      hashes: this.sources.map((source) => source.hash),
      startNs: this.#startNs,
      records: this.records,
      edgeNs: this.#edge.save(),
      ...this.#supply.save(),
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
  async run(options: ReplayOptions): Promise<MscInterrupt | undefined> {
    const { clock, hardware } = this.host;
    const { pace } = options;
    const until = this.#border(options.until ?? Number.POSITIVE_INFINITY);
    const total = this.sources.reduce((sum, source) => sum + source.records, 0);
    const stride = new Stride(pace, RUN_QUANTA);
    const breath = new Breath(pace, YIELD_MS);
    try {
      options.signal?.throwIfAborted();
      if (clock.now < Math.min(this.#startNs, until)) await this.#passTo(Math.min(this.#startNs, until));
      while (!this.#over) {
        options.signal?.throwIfAborted();
        this.#edge.note(clock.now);
        const edge = this.#border(this.#edge.due);
        if (!hardware.inQuantum() && (edge <= clock.now || clock.now >= until)) {
          if (edge > clock.now) break;
          await this.#passTo(clock.now);
          continue;
        }
        const allowed = pace?.until ?? Number.POSITIVE_INFINITY;
        if (pace && !hardware.inQuantum() && clock.now >= allowed) {
          await pace.rest(clock.now + this.host.quantumNs);
          continue;
        }
        const most = this.#border(clock.now) + stride.size * this.host.quantumNs;
        const to = Math.min(edge, until, this.#border(allowed), most);
        const began = performance.now();
        const stop = await this.#call(Math.max(to, clock.now + 1), options);
        if (stop) return stop;
        stride.took(performance.now() - began);
        await breath.taken(clock.now, async () => {
          options.onProgress?.({ records: this.records, total, time: clock.now });
          await clock.settle();
        });
      }
      if (this.#over && until !== Number.POSITIVE_INFINITY) await this.#passTo(until);
      else await clock.moveTo(clock.now);
      options.onProgress?.({ records: this.records, total, time: clock.now });
      return undefined;
    } finally {
      await this.#supply.close();
    }
  }

  #border(ns: number): number {
    const { quantumNs } = this.host;
    return Math.ceil(ns / quantumNs) * quantumNs;
  }

  /** Runs the quanta before `to`, or fewer. */
  async #call(to: number, options: ReplayOptions): Promise<MscInterrupt | undefined> {
    const { clock, hardware, quantumNs } = this.host;
    let reason = HUNGRY;
    while (reason === HUNGRY) {
      this.#supply.give();
      reason = hardware.runQuanta(BigInt(this.#border(to)));
      if (reason !== HUNGRY || this.#supply.give()) continue;
      try {
        await this.#supply.fetch();
      } catch (error) {
        // What came before the failure has run, and the clock says so.
        clock.set(Number(hardware.now()));
        throw error;
      }
    }
    this.#over = this.#supply.exhausted && reason !== STOPPED && this.#nothingLeft();
    // In the middle of a quantum time is where the hardware has it.
    const border = Number(hardware.quantum()) * quantumNs;
    if (reason === STOPPED) clock.set(Number(hardware.now()));
    else clock.set(reason === RAN && !this.#over ? this.#border(to) : Math.max(clock.now, border));
    const events = this.host.deliver(({ time }) => this.#edge.note(time));
    if (reason === STOPPED && options.stopOn?.includes("overflow")) {
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

  #nothingLeft(): boolean {
    const { hardware } = this.host;
    return hardware.unissuedRecords() === 0n && hardware.heldRequests() === 0;
  }

  /** Time passes without traffic, or stands still at an edge: what has been waiting takes effect, then what is due runs. */
  async #passTo(ns: number): Promise<void> {
    const { clock } = this.host;
    for (;;) {
      const edge = this.#edge.due;
      if (edge > ns) break;
      await this.#edge.pass(edge, Math.max(edge, clock.now));
    }
    if (ns > clock.now) clock.set(ns);
  }
}
