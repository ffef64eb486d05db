// The WebAssembly hardware as a subject of the memory suite: a whole platform, through the module that machines run on.

import { readFileSync } from "node:fs";
import { Machine, type MachineOptions, useModule } from "../../src/machine/index.ts";
import { checkObject } from "../../src/platform/index.ts";
import { hash } from "../../src/random/index.ts";
import { canReset } from "./machine-subject.ts";
import type {
  EvictionReason,
  MemoryConfig,
  MemoryCounts,
  MemoryEvictions,
  MemoryLatency,
  MemoryLine,
  MemoryMsc,
  MemoryPlace,
  MemoryRecord,
  MemorySubject,
} from "./memory-subject.ts";
import type { Space, SubjectInterrupt, SubjectLabel } from "./subject.ts";

const NAMES: readonly Space[] = ["s", "ns", "rt", "rl"];
const SPACES: { readonly [space in Space]: number } = { s: 0, ns: 1, rt: 2, rl: 3 };
const DELIVERIES = [undefined, "pulse", "msi"] as const;
const REASONS: readonly EvictionReason[] = ["disabled", "ownLimit", "ownPortion", "other", "inclusion"];
const MEMORY = 0xffff_ffff;
const RAN = 0;
const STAGED = 65_536;

/** Bytes of a request that is handed over (assembly/model/border.ts). */
const HANDED_BYTES = 16;

/** What one machine hands over at the last level and another takes. */
export interface MemoryRequest {
  readonly line: number;
  /** Which record caused it. */
  readonly record: number;
  /** As the hardware has it. */
  readonly label: number;
  /** The resource number of the cache's first slice, or 0xffffffff for memory. */
  readonly cache: number;
  readonly what: number;
}

/** Records that wait for room in their stream. */
interface Queue {
  readonly records: MemoryRecord[];
  next: number;
}

/**
 * Which way records go in open timing: all on the general path, which alone counts evictions by reason; as the hardware chooses;
 * or as it is told, drawn anew before each stretch of records.
 */
export type Ways = "general" | "chosen" | "forced";

const NAMES_OF_WAYS: { readonly [ways in Ways]: string } = {
  general: "general path",
  chosen: "path as chosen",
  forced: "path switched at random",
};

function moduleBytes(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(`../../build/${name}`, import.meta.url)));
}

export class MemoryMachine implements MemorySubject {
  /** Requesters that stand for a label and a cache. */
  readonly #senders = new Map<string, number>();
  readonly #queues = new Map<number, Queue>();
  readonly #events: { msc: number; event: SubjectInterrupt }[] = [];
  /** The resource number of each slice and each channel. */
  readonly #slices: readonly number[];
  readonly #channels: readonly number[];
  #labels: { requester: number; op: number; label: SubjectLabel }[] = [];
  /** Before the first traffic there is an edge. */
  #begun = false;
  /** How often a way has been drawn. */
  #draws = 0;
  /** When what has been written begins to act, ns. */
  #border = Number.POSITIVE_INFINITY;

  private constructor(
    readonly name: string,
    private readonly machine: Machine,
    private readonly config: MemoryConfig,
    private readonly ways: Ways,
  ) {
    const slices = config.caches.reduce((sum, cache) => sum + cache.slices, 0);
    const channels = config.nodes.reduce((sum, node) => sum + node.channels, 0);
    this.#slices = Array.from({ length: slices }, (_, i) => i);
    this.#channels = Array.from({ length: channels }, (_, i) => slices + i);
    this.#hardware.setDetailed(ways === "general");
    config.requesters.forEach((cpu, requester) => {
      this.#hardware.setEntry(requester, this.#entryOf(cpu));
    });
  }

  /** With more than one of `workers` even spans of one record are shared. */
  static async create(
    config: MemoryConfig,
    ways: Ways = "general",
    options: MachineOptions = {},
  ): Promise<MemoryMachine> {
    const machine = await Machine.create(checkObject(platform(config), "subject"), options);
    machine.inside.hardware.shareFrom(1);
    return new MemoryMachine(`WebAssembly, ${NAMES_OF_WAYS[ways]}`, machine, config, ways);
  }

  /** On the build without vectors, which C has. Machines are made one after the other: which module they get is the process's. */
  static async withoutVectors(config: MemoryConfig, ways: Ways): Promise<MemoryMachine> {
    useModule(moduleBytes("mpam.scalar.wasm"));
    try {
      return await MemoryMachine.create(config, ways);
    } finally {
      useModule(moduleBytes("mpam.wasm"));
    }
  }

  get #hardware() {
    return this.machine.inside.hardware;
  }

  #entryOf(cpu: number): number {
    let entry = MEMORY;
    let lowest = Number.POSITIVE_INFINITY;
    let resource = 0;
    for (const cache of this.config.caches) {
      if (cache.cpus.includes(cpu) && cache.level < lowest) {
        lowest = cache.level;
        entry = resource;
      }
      resource += cache.slices;
    }
    return entry;
  }

  read32(msc: number, offset: number, space: Space): number {
    const value = this.#hardware.read32(msc, offset, SPACES[space]);
    this.#collect();
    return value;
  }

  write32(msc: number, offset: number, value: number, space: Space): void {
    this.#hardware.write32(msc, offset, value >>> 0, SPACES[space]);
    this.#collect();
    if (this.#hardware.pending()) this.#change();
  }

  get reset(): ((msc: number) => void) | undefined {
    const hardware: object = this.#hardware;
    if (!canReset(hardware)) return undefined;
    return (msc) => {
      hardware.resetMsc(msc);
      this.#collect();
      if (this.#hardware.pending()) this.#change();
    };
  }

  /** What is written acts from the next border of a quantum. */
  #change(): void {
    const { quantumNs } = this.config;
    const border = (Math.floor(Number(this.#hardware.now()) / quantumNs) + 1) * quantumNs;
    this.#border = Math.min(this.#border, border);
  }

  setLabel(requester: number, op: number | "all", label: SubjectLabel): void {
    for (const one of op === "all" ? [0, 1, 2, 3] : [op]) this.#labels.push({ requester, op: one, label });
    this.#change();
  }

  edge(): void {
    for (const { requester, op, label } of this.#labels.splice(0)) {
      if (!this.#hardware.setLabel(requester, op, SPACES[label.space], label.partid, label.pmg)) {
        throw new Error("too many labels in use");
      }
    }
    this.#hardware.edge();
    this.#border = Number.POSITIVE_INFINITY;
  }

  advance(ns: number): void {
    const now = Number(this.#hardware.now()) + ns;
    if (this.#border <= now) {
      this.#hardware.setNow(BigInt(this.#border));
      this.edge();
    }
    this.#hardware.setNow(BigInt(now));
  }

  #begin(): void {
    if (!this.#begun) this.edge();
    this.#begun = true;
  }

  run(records: readonly MemoryRecord[]): void {
    if (records.length > 0) this.#begin();
    for (let from = 0; from < records.length; ) {
      let to = from;
      const time = records[from]?.time ?? 0;
      if (time >= this.#border) {
        this.#hardware.setNow(BigInt(this.#border));
        this.edge();
      }
      while (to < records.length && records[to]?.time === time && to - from < STAGED) to++;
      this.#hardware.setNow(BigInt(time));
      this.#chooseWay(records.slice(from, to));
      this.#stage(records.slice(from, to));
      this.#hardware.replay(to - from);
      this.#collect(true);
      from = to;
    }
  }

  #chooseWay(records: readonly MemoryRecord[]): void {
    if (this.ways === "general") return;
    this.#hardware.fit(Math.max(...records.map(({ line }) => line)));
    if (this.ways === "chosen") return;
    const draw = hash(this.config.seed, this.#draws++) % 4;
    this.#hardware.setWide(draw === 1);
    this.#hardware.setSingle(draw === 2);
  }

  #stage(records: readonly MemoryRecord[]): void {
    const { hardware, memory } = this.machine.inside;
    const lines = new Uint32Array(memory.buffer, hardware.stagedLines(), records.length);
    const requesters = new Uint16Array(memory.buffer, hardware.stagedRequesters(), records.length);
    const metas = new Uint8Array(memory.buffer, hardware.stagedMetas(), records.length);
    records.forEach((record, i) => {
      lines[i] = record.line;
      requesters[i] = record.requester;
      metas[i] = (record.op << 6) | (record.bytes - 1);
    });
  }

  /** What comes to the last level from now on is handed over, and not run. The machine needs scratch memory for 65,536 of them. */
  handOver(): void {
    this.#hardware.handOverAt(this.#hardware.scratch(), STAGED);
    this.#hardware.setCrossing(1);
  }

  /** What has been handed over since the last time, in order. */
  handed(): MemoryRequest[] {
    const { hardware, memory } = this.machine.inside;
    const words = new DataView(memory.buffer, hardware.scratch(), STAGED * HANDED_BYTES);
    return Array.from({ length: hardware.takeHanded() }, (_, i) => {
      const at = i * HANDED_BYTES;
      const entry = words.getUint16(at + 10, true);
      return {
        line: words.getUint32(at, true),
        record: words.getUint32(at + 4, true),
        label: hardware.ownerLabel(words.getUint16(at + 8, true)),
        cache: entry === 0xffff ? MEMORY : entry,
        what: words.getUint32(at + 12, true),
      };
    });
  }

  /** From now on requests come in at the last level, in place of records. */
  takeRequests(): void {
    this.#hardware.setCrossing(2);
  }

  /** Runs requests at a time, as `run` does records; edges come though there be none. */
  runRequests(time: number, requests: readonly MemoryRequest[]): void {
    this.#begin();
    if (time >= this.#border) {
      this.#hardware.setNow(BigInt(this.#border));
      this.edge();
    }
    this.#hardware.setNow(BigInt(time));
    const records = requests.map(({ line, label, cache, what }): MemoryRecord => {
      const key = `${label} ${cache}`;
      const requester = this.#senders.get(key) ?? 65_535 - this.#senders.size;
      if (!this.#senders.has(key) && !this.#hardware.setSender(requester, label, cache)) throw new Error("no owner");
      this.#senders.set(key, requester);
      return { time, line, requester, op: what >>> 6, bytes: (what & 63) + 1 };
    });
    if (records.length === 0) return;
    this.#chooseWay(records);
    this.#stage(records);
    this.#hardware.replay(records.length);
    this.#collect(true);
  }

  load(records: readonly MemoryRecord[]): void {
    for (const record of records) {
      const stream = this.#hardware.openStream(record.requester);
      const queue = this.#queues.get(stream) ?? { records: [], next: 0 };
      queue.records.push(record);
      this.#queues.set(stream, queue);
    }
  }

  runTo(ns: number): void {
    if (this.#queues.size > 0) this.#begin();
    while (this.#border <= ns) {
      this.#runTo(this.#border);
      this.edge();
    }
    this.#runTo(ns);
  }

  #runTo(ns: number): void {
    for (;;) {
      for (const [stream, queue] of this.#queues) this.#feed(stream, queue);
      const reason = this.#hardware.runQuanta(BigInt(ns));
      this.#collect(true);
      if (reason === RAN) break;
    }
    this.#hardware.setNow(BigInt(ns));
  }

  #feed(stream: number, queue: Queue): void {
    for (let room = this.#hardware.streamRoom(stream); room > 0; room--) {
      const record = queue.records[queue.next];
      if (!record) {
        this.#hardware.endStream(stream);
        return;
      }
      this.#hardware.append(stream, record.line, (record.op << 6) | (record.bytes - 1), BigInt(record.time));
      queue.next++;
    }
  }

  close(): Promise<void> {
    return this.machine.close();
  }

  /** Records that ran on specialised kernels, in bulk on the general path, and one by one. */
  recordsByWay(): readonly number[] {
    return [0, 1, 2].map((way) => Number(this.#hardware.recordsBy(way)));
  }

  /** Of the first two, those that several threads shared. */
  get recordsShared(): number {
    return Number(this.#hardware.recordsBy(3));
  }

  waiting(): { readonly records: number; readonly held: number } {
    let records = 0;
    for (const [stream, queue] of this.#queues) records += queue.records.length - this.#hardware.streamIssued(stream);
    return { records, held: this.#hardware.heldRequests() };
  }

  interrupts(msc: number): readonly SubjectInterrupt[] {
    const mine = this.#events.filter((one) => one.msc === msc);
    for (const one of mine) this.#events.splice(this.#events.indexOf(one), 1);
    return mine.map((one) => one.event);
  }

  counts({ kind, index }: MemoryPlace): readonly MemoryCounts[] {
    const cache = kind === "cache";
    const resource = (cache ? this.#slices[index] : this.#channels[index]) as number;
    return this.#perLabel((owner) => ({
      accesses: cache ? Number(this.#hardware.accesses(resource, owner)) : 0,
      misses: cache ? Number(this.#hardware.misses(resource, owner)) : 0,
      lines: cache ? this.#hardware.linesHeld(resource, owner) : 0,
      bytesRead: Number(this.#hardware.bytesCrossed(resource, owner, false)),
      bytesWritten: Number(this.#hardware.bytesCrossed(resource, owner, true)),
    })).filter((one) => one.accesses + one.misses + one.lines + one.bytesRead + one.bytesWritten > 0);
  }

  evictions(slice: number): readonly MemoryEvictions[] | undefined {
    if (this.ways !== "general") return undefined;
    return this.#perLabel((owner) => ({
      reasons: Object.fromEntries(
        REASONS.map((name, why) => [name, Number(this.#hardware.linesLost(slice, owner, why))]),
      ) as Record<EvictionReason, number>,
    })).filter((one) => Object.values(one.reasons).some((count) => count > 0));
  }

  lines(slice: number): readonly MemoryLine[] {
    const { sets, ways } = this.#cacheOf(slice);
    const lines: MemoryLine[] = [];
    for (let set = 0; set < sets; set++) {
      for (let way = 0; way < ways; way++) {
        const line = Number(this.#hardware.lineAt(slice, set, way));
        if (line < 0) continue;
        const label = this.#label(this.#hardware.lineOwner(slice, set, way));
        lines.push({ set, way, line, dirty: (this.#hardware.lineAge(slice, set, way) & 0x80) !== 0, ...label });
      }
    }
    return lines;
  }

  #cacheOf(slice: number): { sets: number; ways: number } {
    let first = 0;
    for (const cache of this.config.caches) {
      if (slice < first + cache.slices) return cache;
      first += cache.slices;
    }
    throw new RangeError(`there is no slice ${slice}`);
  }

  latencies(): readonly MemoryLatency[] {
    return this.#perLabel((owner) => ({
      count: Number(this.#hardware.latency(owner, 0)),
      sumNs: Number(this.#hardware.latency(owner, 1)),
      maxNs: Number(this.#hardware.latency(owner, 2)),
      heldNs: Number(this.#hardware.latency(owner, 3)),
    })).filter((one) => one.count > 0);
  }

  #perLabel<T>(look: (owner: number) => T): (SubjectLabel & T)[] {
    const all: (SubjectLabel & T)[] = [];
    for (let owner = 0; owner < this.#hardware.ownerCount(); owner++) {
      if (this.#hardware.ownerLabel(owner) !== 0xffff_ffff) all.push({ ...this.#label(owner), ...look(owner) });
    }
    return all;
  }

  #label(owner: number): SubjectLabel {
    const word = this.#hardware.ownerLabel(owner);
    return { space: NAMES[(word >>> 24) & 3] ?? "ns", partid: word & 0xffff, pmg: (word >>> 16) & 0xff };
  }

  #collect(traffic = false): void {
    const hardware = this.#hardware;
    for (let i = 0; i < hardware.eventCount(); i++) {
      const delivery = DELIVERIES[hardware.eventDelivery(i)];
      const common = {
        kind: hardware.eventKind(i) === 0 ? "error" : "overflow",
        level: hardware.eventLevel(i),
        ...(traffic && hardware.eventRecord(i) > 0n ? { record: Number(hardware.eventRecord(i)) - 1 } : {}),
      } as const;
      const msc = hardware.eventMsc(i);
      const space = NAMES[hardware.eventSpace(i)] ?? "ns";
      if (delivery === undefined) this.#events.push({ msc, event: common });
      else this.#addCounted(msc, { ...common, delivery, space, count: hardware.eventRepeats(i), ...this.#msi(i) });
    }
    hardware.clearEvents();
  }

  #addCounted(msc: number, event: SubjectInterrupt): void {
    const at = this.#events.findIndex(
      (one) =>
        one.msc === msc &&
        one.event.delivery === event.delivery &&
        one.event.kind === event.kind &&
        one.event.space === event.space,
    );
    const first = this.#events[at];
    if (!first) this.#events.push({ msc, event });
    else this.#events[at] = { msc, event: { ...first.event, count: (first.event.count ?? 0) + (event.count ?? 0) } };
  }

  #msi(i: number): Pick<SubjectInterrupt, "msi"> {
    const hardware = this.#hardware;
    if (DELIVERIES[hardware.eventDelivery(i)] !== "msi") return {};
    const attributes = hardware.eventAttributes(i);
    const mpam = hardware.eventMpam(i);
    return {
      msi: {
        address: Number(hardware.eventAddress(i)),
        data: hardware.eventData(i),
        memattr: (attributes >>> 24) & 0xf,
        shareability: (attributes >>> 28) & 3,
        partid: mpam & 0xffff,
        pmg: (mpam >>> 16) & 0xff,
      },
    };
  }
}

/** The platform file that says the same. */
function platform(config: MemoryConfig): object {
  const { quantumNs, lineBytes, pageBytes, seed, numa, outstanding, cpus } = config;
  const page = (index: number) => 0x1_0000_0000 + index * 2 ** 24;
  const limits = [...config.caches, ...config.nodes].flatMap(({ msc }) => Object.values(msc?.spaces ?? {}));
  return {
    name: "subject",
    cpus,
    processor: {
      partidMax: Math.min(65_535, Math.max(63, ...limits.map((one) => one.partidMax)) + 1),
      pmgMax: Math.min(255, Math.max(3, ...limits.map((one) => one.pmgMax)) + 1),
      outstanding,
      requesters: Math.max(1, config.requesters.length),
    },
    quantumNs,
    lineBytes,
    pageBytes,
    seed,
    numa,
    owners: 255,
    caches: config.caches.map(({ sets, msc, ...cache }, i) => ({
      ...cache,
      id: i,
      bytes: sets * cache.ways * lineBytes * cache.slices,
      ...(msc ? { msc: mscOf(msc, page(i)) } : {}),
    })),
    memory: config.nodes.map(({ msc, ...node }, i) => ({
      ...node,
      node: i,
      cpus: i === 0 ? Array.from({ length: cpus }, (_, cpu) => cpu) : [],
      ...(msc ? { msc: mscOf(msc, page(config.caches.length + i)) } : {}),
    })),
  };
}

function mscOf(msc: MemoryMsc, base: number): unknown {
  return { ...msc, base };
}

export function memoryMachine(config: MemoryConfig, ways?: Ways, workers = 1): Promise<MemorySubject> {
  return MemoryMachine.create(config, ways, { workers });
}
