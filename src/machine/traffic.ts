// Traffic: one replay at a time, the edges in it, and what is left of one that stopped.

import { ErrnoError } from "../errno/index.ts";
import type { Platform } from "../platform/index.ts";
import type { Clock } from "./clock.ts";
import { ClosedReplay } from "./closed-replay.ts";
import type { Placement } from "./columns-in.ts";
import type { Border, OpenCrossing } from "./crossing.ts";
import type { BandwidthMeter } from "./details.ts";
import type { Devices } from "./devices.ts";
import type { During, InterruptEvent, MscInterrupt } from "./interrupts.ts";
import { checkReach, place } from "./placement.ts";
import { resourcesOf } from "./power-on.ts";
import type { Processor } from "./processor.ts";
import { checkReplayOptions, Replay, type ReplayOptions, type ReplayState } from "./replay.ts";
import type { TraceSource } from "./source.ts";
import { type Label, SPACE_NUMBERS } from "./spaces.ts";
import type { LabelStatistics } from "./statistics.ts";
import type { Hardware } from "./wasm.ts";

/** On which paths the records of a replay ran; results do not depend on them. */
export interface RecordsByPath {
  /** Kernels made for the shape of the caches. */
  readonly specialised: number;
  /** In bulk, with caches that no such kernel knows as they are now. */
  readonly general: number;
  /** One by one: closed timing, and inclusive caches. */
  readonly single: number;
}

/** What came of a replay. */
export interface ReplayResult {
  readonly records: number;
  /** Model time at the end, ns. */
  readonly time: number;
  /** The interrupt that ended it, where `stopOn` asked for that. */
  readonly stopped?: MscInterrupt;
  /** True when every record of every trace has run. */
  readonly finished: boolean;
  readonly paths: RecordsByPath;
  /** Counts since power-on, per label. */
  readonly labels: readonly LabelStatistics[];
}

/** The machine that the traffic runs in. */
export interface TrafficHost {
  readonly platform: Platform;
  readonly hardware: Hardware;
  readonly memory: WebAssembly.Memory;
  readonly clock: Clock;
  readonly processor: Processor;
  readonly devices: Devices;
  readonly seed: number | undefined;
  /** Takes the interrupts that the hardware has queued, and tells of them. */
  deliver(during: During, told?: (event: InterruptEvent) => void): MscInterrupt[];
  bandwidthMeter(): BandwidthMeter;
  statistics(): LabelStatistics[];
}

/** Traces with their places in the machine. */
interface Placed {
  readonly sources: readonly TraceSource[];
  readonly placements: readonly Placement[];
  readonly state: ReplayState | undefined;
  readonly timing: ReplayState["timing"];
  readonly crossing: OpenCrossing | undefined;
}

export class Traffic {
  #replay: Replay | ClosedReplay | undefined;
  #unfinished: ReplayState | null;
  /** What runs is a part of what traces do. */
  #crossed = false;

  constructor(
    private readonly host: TrafficHost,
    unfinished: ReplayState | null,
  ) {
    this.#unfinished = unfinished;
  }

  save(): ReplayState | null {
    if (this.#crossed) {
      throw new ErrnoError(
        "EBUSY",
        "requests to the last level are recorded or replayed: snapshots are taken before or after",
      );
    }
    return this.#replay?.save() ?? this.#unfinished;
  }

  /** Goes on with the replay that stopped or was saved, with the same traces: EINVAL for others. */
  async resume(sources: readonly TraceSource[], options: ReplayOptions): Promise<ReplayResult> {
    if (options.requests) throw new RangeError("requests cross to and from replays that begin, not such as go on");
    const state = this.#unfinished;
    if (!state) throw new ErrnoError("EINVAL", "there is no replay to go on with");
    const other = sources.findIndex((source, i) => source.hash !== state.hashes[i]);
    if (other >= 0 || sources.length !== state.hashes.length) {
      throw new ErrnoError("EINVAL", `the replay runs ${state.hashes.length} traces, and these are not the same ones`);
    }
    if (options.timing !== undefined && options.timing !== state.timing) {
      throw new ErrnoError("EINVAL", `the replay runs in ${state.timing} timing, and goes on in it`);
    }
    return this.run(sources, options, state);
  }

  /** Replays traces from their start, or goes on from `state`. EBUSY: a replay is running. */
  async run(sources: readonly TraceSource[], options: ReplayOptions, state?: ReplayState): Promise<ReplayResult> {
    if (this.#replay) throw new ErrnoError("EBUSY", "a replay is running: one at a time");
    // What is refused changes nothing.
    checkReplayOptions(options);
    const timing = state?.timing ?? options.timing ?? "open";
    if (timing === "closed" && this.host.hardware.parts() > 1) {
      throw new RangeError("the machine is a part of a replay, and in closed timing no replay can be split");
    }
    checkReach(sources, this.host.platform.lineBytes);
    this.host.processor.checkRoom(sources);
    const enrolled = sources.map((source) => this.host.processor.enrol(source).requesters);
    const { placements, highestLine } = place(sources, enrolled, this.host.seed, this.host.platform.lineBytes);
    this.host.hardware.fit(highestLine);
    const run = (crossing?: OpenCrossing) => this.#run({ sources, placements, state, timing, crossing }, options);
    if (!options.requests) return run();
    const crossing = options.requests.open(this.#border(sources, options));
    try {
      const result = await run(crossing);
      return { ...result, ...crossing.end(result.finished) };
    } catch (error) {
      crossing.end();
      throw error;
    }
  }

  async #run({ sources, placements, state, timing, crossing }: Placed, options: ReplayOptions): Promise<ReplayResult> {
    const hardware = this.host.hardware;
    const base = Number(hardware.records()) - (state?.records ?? 0);
    const common = {
      clock: this.host.clock,
      reserved: options.requests?.reserve ?? 0,
      quantumNs: this.host.platform.quantumNs,
      intake: hardware,
      memory: this.host.memory,
      pending: () => this.#pending(),
      edge: () => this.#edge(),
    };
    const replay =
      timing === "closed"
        ? new ClosedReplay(
            {
              ...common,
              hardware,
              requesters: this.host.platform.processor.requesters,
              deliver: (told) => this.host.deliver({ base }, told),
            },
            sources,
            placements,
            state,
          )
        : new Replay(
            {
              ...common,
              feed: crossing?.feed,
              nextReady: () => Number(hardware.nextReady()),
              run: (n, timeOf) => crossing?.run(n, timeOf) ?? hardware.replay(n),
              stopped: () => hardware.stopped(),
              deliver: (timeOf, told) => this.host.deliver({ timeOf, base }, told),
            },
            sources,
            placements,
            state,
          );
    this.#replay = replay;
    this.#crossed = crossing !== undefined;
    const before = this.#pathsSince();
    try {
      hardware.setStop(options.stopOn?.includes("overflow") ?? false);
      const sampling = this.#sample(options);
      const stopped = await this.host.clock.drive(() => replay.run(options)).finally(sampling);
      const finished = !stopped && replay.finished;
      this.#checkOwners(crossing);
      return {
        records: replay.records,
        time: this.host.clock.now,
        ...(stopped ? { stopped } : {}),
        finished,
        paths: this.#pathsSince(before),
        labels: this.host.statistics(),
      };
    } finally {
      this.#unfinished = crossing ? null : replay.save();
      this.#replay = undefined;
      this.#crossed = false;
      hardware.setStop(false);
    }
  }

  #border(sources: readonly TraceSource[], { until }: ReplayOptions): Border {
    const { platform, hardware, memory, seed, clock, processor } = this.host;
    const { requesterCount } = processor;
    const resources = resourcesOf(platform);
    return { platform, resources, hardware, memory, seed, sources, startNs: clock.now, until, requesterCount };
  }

  /** Whose number comes free depends on what caches hold, and that of a part is not that of the whole. */
  #checkOwners(crossing: OpenCrossing | undefined): void {
    const { hardware, platform } = this.host;
    if ((hardware.parts() < 2 && !crossing) || hardware.ownersReused() === 0) return;
    const why = `numbers of labels have been used again, as the platform has ${platform.owners} (owners)`;
    throw new ErrnoError("ENOSPC", `the counts of a part would not be those of the whole: ${why}`);
  }

  #pathsSince(before: RecordsByPath = { specialised: 0, general: 0, single: 0 }): RecordsByPath {
    const by = (way: number) => Number(this.host.hardware.recordsBy(way));
    return {
      specialised: by(0) - before.specialised,
      general: by(1) - before.general,
      single: by(2) - before.single,
    };
  }

  /** Samples bandwidth as the options say; what ends that with the last sample. */
  #sample({ sampleNs, onSample }: ReplayOptions): () => void {
    if (sampleNs === undefined || !onSample) return () => {};
    const meter = this.host.bandwidthMeter();
    let last = this.host.clock.now;
    const take = () => {
      if (this.host.clock.now === last) return;
      last = this.host.clock.now;
      onSample(meter.sample(last));
    };
    let due = last;
    const next = () => {
      while (due <= this.host.clock.now) due += sampleNs;
      return this.host.clock.at(due, "sample", () => {
        take();
        timer = next();
      });
    };
    let timer = next();
    return () => {
      timer.cancel();
      take();
    };
  }

  #pending(): boolean {
    return this.host.processor.pending || this.host.devices.pending || this.host.hardware.pending();
  }

  /** Labels and settings that have been written begin to act on traffic. */
  #edge(): void {
    const { processor, devices } = this.host;
    const set = (requester: number, op: number, { space, partid, pmg }: Label) =>
      this.host.hardware.setLabel(requester, op, SPACE_NUMBERS[space], partid, pmg);
    // Devices that want owners which threads have had go after the threads, and leave theirs to them before.
    const early = devices.flush(set);
    if (!early) devices.leave(set);
    processor.flush();
    if (!early && !devices.flush(set)) {
      throw new ErrnoError("ENOSPC", "more labels are in use at once than the platform has owners for");
    }
    if (this.host.hardware.pending()) this.host.hardware.edge();
  }
}
