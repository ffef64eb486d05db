// A Machine: one memory with the hardware in it, and what moves it. Power-on is a new memory.

import { ErrnoError } from "../errno/index.ts";
import type { Task } from "../kernel/index.ts";
import {
  type MscInstance,
  mscInstances,
  type PeDescription,
  type Platform,
  processorOfCpus,
  type Space,
} from "../platform/index.ts";
import type { AccessFilter } from "./access-filter.ts";
import { type AccessHandler, AccessLog, type RegisterAccess } from "./access-log.ts";
import { RegisterBatch } from "./batch.ts";
import { Clock } from "./clock.ts";
import { type Cpu, type CpuHandler, Cpus } from "./cpus.ts";
import type { Crew } from "./crew.ts";
import {
  BandwidthMeter,
  type LatencyStatistics,
  latencyStatistics,
  type SliceDetails,
  type StallStatistics,
  sliceDetails,
} from "./details.ts";
import { Devices } from "./devices.ts";
import { Faults, type FaultsHost } from "./faults/faults.ts";
import { linesOfSet, ownerLabels, ownersHeld, type SetRange, type SlicePlace } from "./held-lines.ts";
import { type Insides, type MachineOptions, powerOn, reopen } from "./insides.ts";
import {
  type During,
  drain,
  type InterruptEvent,
  type InterruptHandler,
  Interrupts,
  type MscInterrupt,
} from "./interrupts.ts";
import { HardwareRegisters, LayeredPages } from "./layered-pages.ts";
import type { Mailbox } from "./mailbox.ts";
import { openMailboxes } from "./mailboxes.ts";
import { pageWindows } from "./page-window.ts";
import { type Caller, checkMsc, DirectPages, type Pages, type PagesHost } from "./pages.ts";
import { PhysicalBus } from "./physical-bus.ts";
import { Power } from "./power.ts";
import { REQUESTERS, type Resources, resourcesOf } from "./power-on.ts";
import { Processor } from "./processor.ts";
import type { ReplayOptions } from "./replay.ts";
import { ShadowWindows } from "./shadow/windows.ts";
import { Smmu } from "./smmu/index.ts";
import { damaged, encodeSnapshot, type SessionState, SNAPSHOT_VERSION } from "./snapshot.ts";
import type { TraceSource } from "./source.ts";
import type { CountedLabel } from "./spaces.ts";
import {
  type ExportedLine,
  type ExportedSlices,
  exportSlices,
  type LabelStatistics,
  type LevelStatistics,
  labelStatistics,
  levelStatistics,
  type Parts,
} from "./statistics.ts";
import { type RegisterWatch, SystemRegisters } from "./system-registers.ts";
import { type ReplayResult, Traffic, type TrafficHost } from "./traffic.ts";
import type { Hardware } from "./wasm.ts";
import { WatchedPages } from "./watched-pages.ts";

type Watching = (() => void) | AsyncIterableIterator<RegisterAccess>;

export class Machine {
  readonly platform: Platform;
  readonly mscs: readonly MscInstance[];
  readonly bus: PhysicalBus;
  readonly clock: Clock;
  readonly processor: Processor;
  /** Requesters that are not cpus. */
  readonly devices: Devices;
  /** In the order of the platform. */
  readonly smmus: readonly Smmu[];
  /** State of the software on top, by name: what a snapshot asks for. */
  readonly parts = new Map<string, () => unknown>();

  readonly #hardware: Hardware;
  readonly #memory: WebAssembly.Memory;
  readonly #module: string;
  readonly #seed: number | undefined;
  readonly #resources: Resources;
  readonly #interrupts = new Interrupts();
  readonly #cpus: Cpus;
  readonly #power: Power;
  readonly #mailboxes: readonly Mailbox[];
  readonly #shadows: ShadowWindows;
  readonly #faults: Faults;
  readonly #log: AccessLog;
  #crew: Crew | undefined;
  #pages: Pages;
  readonly #choosePages: () => void;
  readonly #saved: SessionState | undefined;
  readonly #traffic: Traffic;

  private constructor({ platform, hardware, memory, module, seed, state, crew }: Insides) {
    this.#crew = crew;
    this.platform = platform;
    this.mscs = mscInstances(platform);
    this.#hardware = hardware;
    this.#memory = memory;
    this.#module = module;
    this.#seed = seed;
    this.#saved = state;
    this.#resources = resourcesOf(platform);
    this.clock = new Clock((ns) => hardware.setNow(BigInt(Math.floor(ns))), state?.now ?? 0);
    const { entries } = this.#resources;
    const enter = (requester: number, cpu: number, el: number) => {
      hardware.setEntry(requester, entries[cpu] as number);
      hardware.setCpu(requester, cpu);
      hardware.setLevel(requester, el);
    };
    const [came, gone] = [(cpu: number) => this.#givePower(cpu), (cpu: number) => this.#losePower(cpu)];
    const pes = processorOfCpus(platform);
    const watch: RegisterWatch = {
      before: (cpu, isWrite) => (isWrite ? this.processor.beforeWriting(cpu) : this.processor.look(cpu)),
      written: (cpu) => this.processor.written(cpu),
      reset: (cpu) => this.processor.lost(cpu),
    };
    const registersOf = (cpu: number) => new SystemRegisters(hardware, cpu, pes[cpu] as PeDescription, watch);
    const comes = (cpu: number) => this.processor.bringUp(cpu);
    this.#cpus = new Cpus(platform.cpus, { comes, came, gone }, registersOf, state?.offline);
    const isOnline = (cpu: number) => this.#cpus.isOnline(cpu);
    this.#power = new Power(this.mscs, isOnline);
    this.smmus = this.#openSmmus(state);
    const { caches } = this.#resources;
    const lead = (requester: number, resource: number) => hardware.setEntry(requester, resource);
    this.devices = new Devices(platform, this.smmus, caches, lead, state?.devices);
    const { devices } = this;
    this.processor = new Processor(
      { platform, hardware, capacity: REQUESTERS, enter, isOnline, devices },
      state?.processor,
    );
    this.#shadows = new ShadowWindows(this.mscs, hardware, new HardwareRegisters(hardware), state?.shadows);
    this.#faults = this.#openFaults(state);
    this.#mailboxes = openMailboxes(
      {
        platform,
        mscs: this.mscs,
        clock: this.clock,
        pages: this,
        faults: this.#faults,
        quietly: (work) => this.#quietly(work),
        raise: (event) => this.#raise([event]),
      },
      state?.mailboxes,
    );
    this.#traffic = new Traffic(this.#trafficHost(), state?.replay ?? null);
    const { windows } = this.#shadows;
    const others = [...this.#mailboxes, ...windows, ...this.smmus.flatMap((smmu) => smmu.windows)];
    this.bus = new PhysicalBus([...pageWindows(this.mscs, this), ...others], this.#cpus);
    const host: PagesHost = {
      hardware,
      memory,
      mscs: this.mscs,
      registers: this.#faults.registers,
      now: () => this.clock.now,
      take: () => this.#take(),
      queue: (events) => this.#interrupts.queue(events),
      tell: () => this.#interrupts.tell(),
      isQuiet: () => this.#interrupts.quiet,
    };
    const direct = new DirectPages(host);
    const layered = new LayeredPages(host);
    let watching: WatchedPages | undefined;
    this.#choosePages = () => {
      const isLayered = windows.length > 0 || this.#faults.registers.acts;
      this.#pages = watching ?? (isLayered ? layered : direct);
    };
    this.#log = new AccessLog(this.mscs, (watched) => {
      watching = watched ? new WatchedPages(host, this.#log) : undefined;
      this.#choosePages();
    });
    this.#pages = direct;
    this.#choosePages();
  }

  #openFaults(state: SessionState | undefined): Faults {
    const host: FaultsHost = {
      mscs: this.mscs,
      mailboxes: this.platform.mailboxes,
      hardware: this.#hardware,
      clock: this.clock,
      take: () => this.#take(),
      tell: (events) => this.#raise(events),
      hasPower: (msc) => this.#power.isOn(msc),
      changed: () => this.#choosePages(),
    };
    return new Faults(host, this.#shadows, state?.faults);
  }

  #openSmmus(state: SessionState | undefined): Smmu[] {
    const { smmus, quantumNs } = this.platform;
    const now = () => this.clock.now;
    const nextEdge = () => (Math.floor(now() / quantumNs) + 1) * quantumNs;
    return smmus.map((description, index) => {
      const changed = () => this.devices.smmuChanged(index);
      return new Smmu(description, { now, nextEdge, changed }, state?.smmus[index]);
    });
  }

  #trafficHost(): TrafficHost {
    return {
      platform: this.platform,
      hardware: this.#hardware,
      memory: this.#memory,
      clock: this.clock,
      processor: this.processor,
      devices: this.devices,
      seed: this.#seed,
      deliver: (during, told) => this.#deliver(during, told),
      bandwidthMeter: () => this.bandwidthMeter(),
      statistics: () => this.statistics(),
    };
  }

  /** The interrupts that the hardware has queued, as far as software is to hear of them. */
  #take(during?: During): MscInterrupt[] {
    return this.#faults.heard(drain(this.#hardware, this.mscs, this.clock.now, during));
  }

  /**
   * Power-on. Throws a TypeError for what is no checked platform, and a RangeError for a machine that would take more memory
   * than the platform allows.
   */
  static async create(platform: Platform, options: MachineOptions = {}): Promise<Machine> {
    return new Machine(await powerOn(platform, options));
  }

  /** Threads that replay together, this one among them. */
  get workers(): number {
    return this.#crew?.workers ?? 1;
  }

  /** Ends the other threads, where there are some. What is replayed afterwards runs on this one. */
  async close(): Promise<void> {
    await this.#crew?.end();
    this.#crew = undefined;
  }

  /**
   * The session a snapshot holds. Software on top is restored from `saved`. Throws a TypeError for what does not fit, and a
   * RangeError for more `workers` than 1 where the machine was not made for as many.
   */
  static async restore(bytes: Uint8Array, options: Pick<MachineOptions, "workers"> = {}): Promise<Machine> {
    const insides = await reopen(bytes, options);
    try {
      return new Machine(insides);
    } catch (cause) {
      await insides.crew?.end();
      throw damaged("the session in its header cannot be used", { cause });
    }
  }

  // Registers.

  /**
   * One word of a feature page. Words no register has read as 0; EINVAL for what is not an aligned offset of an MSC. `by` is who
   * makes the access, for those who watch.
   */
  read32(msc: number, offset: number, space: Space = "ns", by: Caller = "host"): number {
    return this.#pages.read32(msc, offset, space, by);
  }

  write32(msc: number, offset: number, value: number, space: Space = "ns", by: Caller = "host"): void {
    this.#pages.write32(msc, offset, value, space, by);
  }

  /** Two words, low first (registers.md 1.3). */
  read64(msc: number, offset: number, space: Space = "ns", by: Caller = "host"): bigint {
    const low = this.read32(msc, offset, space, by);
    return BigInt(low) | (BigInt(this.read32(msc, offset + 4, space, by)) << 32n);
  }

  write64(msc: number, offset: number, value: bigint, space: Space = "ns", by: Caller = "host"): void {
    this.write32(msc, offset, Number(value & 0xffff_ffffn), space, by);
    this.write32(msc, offset + 4, Number((value >> 32n) & 0xffff_ffffn), space, by);
  }

  /** An empty batch of accesses to stage and run. */
  batch(by: Caller = "host"): RegisterBatch {
    return new RegisterBatch(this.mscs, () => this.#pages, by);
  }

  /** An external capture event, 1..6, arrives at an MSC. One that it does not have does nothing. */
  capture(msc: number, event: number): void {
    checkMsc(this.mscs, msc);
    if (!(Number.isInteger(event) && event >= 1 && event <= 6)) {
      throw new RangeError(`capture event ${event}: 1 to 6 come from outside an MSC`);
    }
    this.#hardware.capture(msc, event);
    this.#deliver();
  }

  // Watching accesses. While nobody does, accesses take the short way and nothing is asked about them.

  /** Calls `handler` after each register access that `filter` lets through; the result ends that. docs/registers.md. */
  log(filter: string | AccessFilter, handler: AccessHandler): () => void;
  /** The same for `for await`; leaving the loop ends it. */
  log(filter?: string | AccessFilter): AsyncIterableIterator<RegisterAccess>;
  log(filter: string | AccessFilter = "*", handler?: AccessHandler): Watching {
    return handler ? this.#log.add(filter, handler, false) : this.#log.stream(filter, false);
  }

  /** As `log`, of writes that change what is watched: `MSMON_CFG_MBWU_CTL.EN`. */
  watch(what: string | AccessFilter, handler: AccessHandler): () => void;
  watch(what: string | AccessFilter): AsyncIterableIterator<RegisterAccess>;
  watch(what: string | AccessFilter, handler?: AccessHandler): Watching {
    return handler ? this.#log.add(what, handler, true) : this.#log.stream(what, true);
  }

  // Interrupts.

  /** Calls `handler` for every interrupt, wires, pulses and MSIs alike; the result ends that. */
  onInterrupt(handler: InterruptHandler): () => void {
    return this.#interrupts.listen(handler);
  }

  #deliver(during?: During, told?: (event: InterruptEvent) => void): MscInterrupt[] {
    const events = this.#take(during);
    this.#interrupts.queue(events);
    this.#interrupts.tell(told);
    return events;
  }

  /** Interrupts wait until a handler of the log has ended. */
  #raise(events: readonly InterruptEvent[]): void {
    this.#interrupts.queue(events);
    if (!this.#log.telling) this.#interrupts.tell();
  }

  /** Interrupts that `work` raises are told when it has ended; then what handlers of the log threw is thrown. */
  #quietly(work: () => void): void {
    this.#interrupts.quietly(work);
    try {
      this.#interrupts.tell();
    } finally {
      this.#log.rethrow();
    }
  }

  /** Ways to break this machine on purpose. */
  get faults(): Pick<Faults, "add" | "list"> {
    return this.#faults;
  }

  // Cpus that come and go.

  /** EINVAL where there is none. */
  cpu(cpu: number): Cpu {
    return this.#cpus.at(cpu);
  }

  /**
   * Calls `handler` before a cpu goes, while it can still make accesses, and after one has come; it is awaited. The result ends
   * that. A change of cpus waits for the one before it, so a handler must not wait for another.
   */
  onCpu(handler: CpuHandler): () => void {
    return this.#cpus.listen(handler);
  }

  #givePower(cpu: number): void {
    for (const msc of this.#power.from(cpu)) this.#faults.wake(msc);
  }

  /** The last cpu that kept an MSC on takes its registers with it. */
  #losePower(cpu: number): void {
    for (const msc of this.#power.from(cpu)) {
      if (this.#power.isOn(msc)) continue;
      this.#hardware.resetMsc(msc);
      this.#shadows.forget(msc);
    }
    this.#deliver();
  }

  // Tasks and traffic.

  /** Makes tasks of the threads of a trace. The same trace again gives the same tasks. */
  addTasks(source: TraceSource): readonly Task[] {
    return this.processor.enrol(source).tids.map((tid) => this.processor.task(tid) as Task);
  }

  /** Replays traces together, from their start, beginning at the present model time. */
  replay(sources: readonly TraceSource[], options: ReplayOptions = {}): Promise<ReplayResult> {
    return this.#traffic.run(sources, options);
  }

  /** Goes on with the replay that stopped or was saved in a snapshot, with the same traces. */
  async resume(sources: readonly TraceSource[], options: ReplayOptions = {}): Promise<ReplayResult> {
    return this.#traffic.resume(sources, options);
  }

  // What the hardware counted and holds.

  /** Counts since power-on, for every label in use. */
  statistics(): LabelStatistics[] {
    return labelStatistics(this.#parts());
  }

  /** Counts since power-on of every cache slice and every memory channel, for the labels that have some. */
  levels(): LevelStatistics[] {
    return levelStatistics(this.#parts());
  }

  /** Closed timing: how long requests took, for every label that has made some. */
  latencies(): LatencyStatistics[] {
    return latencyStatistics(this.#parts());
  }

  /** Closed timing: the requesters that limits of their cpus have stalled, since power-on. */
  stalls(): StallStatistics[] {
    return this.processor.tasks.flatMap(({ tid }) =>
      this.processor.requestersOf(tid).flatMap((requester) => {
        const stalledNs = Number(this.#hardware.stalledNs(requester));
        return stalledNs > 0 ? [{ requester, tid, stalledNs }] : [];
      }),
    );
  }

  /** Why lines were lost, and where in the slices what happened; counted with `statistics: "full"`. */
  details(): SliceDetails[] {
    return sliceDetails(this.#parts());
  }

  /** Whose lines a slice holds in many sets, to be drawn (held-lines.ts); the machine needs `scratchBytes` for that. */
  ownersHeld(place: SlicePlace, range: SetRange): Uint16Array {
    return ownersHeld(this.#parts(), this.#memory, place, range);
  }

  /** By owner number, as `ownersHeld` has them. */
  ownerLabels(): (CountedLabel | undefined)[] {
    return ownerLabels(this.#parts());
  }

  /** What a set of a slice holds, newest line first. */
  linesOfSet(place: SlicePlace, set: number): ExportedLine[] {
    return linesOfSet(this.#parts(), place, set);
  }

  /** Measures bandwidth from now on: every `sample` answers for the time since the one before. */
  bandwidthMeter(): BandwidthMeter {
    return new BandwidthMeter(this.#parts(), this.clock.now);
  }

  /**
   * The state of the hardware in a form that does not depend on how it is laid out: per set the lines from newest to
   * oldest, each with its label, and the counts per label.
   */
  export(): MachineExport {
    const labels = this.statistics().sort(
      (a, b) =>
        (a.space < b.space ? -1 : Number(a.space > b.space)) ||
        a.partid - b.partid ||
        a.pmg - b.pmg ||
        (a.el ?? 0) - (b.el ?? 0),
    );
    return {
      now: this.clock.now,
      records: Number(this.#hardware.records()),
      ...exportSlices(this.#parts()),
      labels,
    };
  }

  #parts(): Parts {
    return { hardware: this.#hardware, platform: this.platform, resources: this.#resources };
  }

  // Snapshots.

  /**
   * The session in one piece. Snapshots are taken between operations: EBUSY while one waits on the clock, and in handlers of
   * interrupts and of the access log, which others may still have to hear of.
   */
  snapshot(): Uint8Array {
    if (this.clock.sleeping)
      throw new ErrnoError("EBUSY", "an operation waits on the clock: snapshots are taken between operations");
    if (this.#cpus.changing) throw new ErrnoError("EBUSY", "a cpu comes or goes: snapshots are taken before or after");
    if (this.#interrupts.busy || this.#log.telling) {
      throw new ErrnoError("EBUSY", "handlers are being told of something: snapshots are taken when all have heard");
    }
    // What nobody has come for yet stays.
    const parts: Record<string, unknown> = { ...this.#saved?.parts };
    for (const [name, save] of this.parts) parts[name] = save();
    const state: SessionState = {
      version: SNAPSHOT_VERSION,
      module: this.#module,
      platform: this.platform,
      now: this.clock.now,
      timers: this.clock.waiting,
      processor: this.processor.save(),
      devices: this.devices.save(),
      smmus: this.smmus.map((smmu) => smmu.save()),
      offline: this.#cpus.offline,
      mailboxes: this.#mailboxes.map((mailbox) => mailbox.save()),
      shadows: this.#shadows.save(),
      faults: this.#faults.save(),
      replay: this.#traffic.save(),
      seed: this.#seed ?? null,
      parts,
    };
    // What is on its way in is read again.
    return encodeSnapshot(state, new Uint8Array(this.#memory.buffer, 0, this.#hardware.intakeStart()));
  }

  /** After `restore`: what the part of this name had saved. */
  saved(name: string): unknown {
    return this.#saved?.parts[name];
  }

  /** For benchmarks and further instances on the same memory: the module's exports, and the memory they work on. */
  get inside(): { readonly hardware: Hardware; readonly memory: WebAssembly.Memory } {
    return { hardware: this.#hardware, memory: this.#memory };
  }
}

export interface MachineExport extends ExportedSlices {
  readonly now: number;
  readonly records: number;
  readonly labels: readonly LabelStatistics[];
}
