// The WebAssembly hardware as a subject of the MSC suite: the same registers and traffic as the plain model, through the
// module that machines run on.

import { Machine } from "../../src/machine/index.ts";
import { checkObject } from "../../src/platform/index.ts";
import { hash } from "../../src/random/index.ts";
import type {
  MscSubject,
  Space,
  SubjectConfig,
  SubjectInterrupt,
  SubjectLabel,
  SubjectLine,
  SubjectMsi,
  SubjectOccupancy,
  SubjectRecord,
  SubjectRis,
  SubjectStatistics,
} from "./subject.ts";

/** By eventDelivery; a wire is told by its level alone. */
const DELIVERIES = [undefined, "pulse", "msi"] as const;
const NAMES: readonly Space[] = ["s", "ns", "rt", "rl"];
const SPACES: { readonly [space in Space]: number } = { s: 0, ns: 1, rt: 2, rl: 3 };

/** Version 1.0 has neither long counters nor RWBW; a platform that asks for them is refused. */
function plain10(ris: SubjectRis): SubjectRis {
  return ris.mbwu ? { ...ris, mbwu: { ...ris.mbwu, counter: 31, rwbw: false } } : ris;
}

export function canReset(hardware: object): hardware is { resetMsc(msc: number): void } {
  return "resetMsc" in hardware;
}

/** How records run: as the hardware chooses, always in the wide layout, one by one, or drawn anew for each stretch of them. */
export type Path = "chosen" | "wide" | "single" | "forced";

export class MachineSubject implements MscSubject {
  readonly #events: SubjectInterrupt[] = [];
  readonly #served = new Map<string, { label: SubjectLabel; accesses: number }>();
  readonly #labels = new Map<string, SubjectLabel>();
  /** Records run before the present call, or none while no traffic runs. */
  #base: number | undefined;
  /** How often a path has been drawn. */
  #draws = 0;

  private constructor(
    readonly name: string,
    private readonly machine: Machine,
    private readonly config: SubjectConfig,
    private readonly path: Path,
  ) {}

  static async create(config: SubjectConfig, path: Path = "chosen"): Promise<MachineSubject> {
    const { kind, sets = 1, ways = 1, processor, ...features } = config;
    const ris = config.version === "1.0" ? config.ris.map(plain10) : config.ris;
    const msc = { ...features, ris, base: 0x4000_0000 };
    const cache = { level: 3, id: 0, bytes: sets * ways * 64, ways, ...(kind === "cache" ? { msc } : {}) };
    const memory = { node: 0, bytesPerSecond: 10e9, bytes: 2 ** 30, ...(kind === "memory" ? { msc } : {}) };
    const checked = checkObject({ name: "subject", cpus: 1, processor, caches: [cache], memory: [memory] }, "subject");
    const machine = await Machine.create(kind === "cache" ? { ...checked, memory: [] } : { ...checked, caches: [] });
    return new MachineSubject(`WebAssembly, path ${path}`, machine, config, path);
  }

  read32(offset: number, space: Space = "ns"): number {
    const value = this.machine.inside.hardware.read32(0, offset, SPACES[space]);
    this.#collect();
    return value;
  }

  write32(offset: number, value: number, space: Space = "ns"): void {
    this.machine.inside.hardware.write32(0, offset, value >>> 0, SPACES[space]);
    this.#collect();
  }

  read64(offset: number, space: Space = "ns"): bigint {
    return BigInt(this.read32(offset, space)) | (BigInt(this.read32(offset + 4, space)) << 32n);
  }

  write64(offset: number, value: bigint, space: Space = "ns"): void {
    this.write32(offset, Number(value & 0xffff_ffffn), space);
    this.write32(offset + 4, Number((value >> 32n) & 0xffff_ffffn), space);
  }

  setLabel(requester: number, op: number | "all", label: SubjectLabel): void {
    for (const one of op === "all" ? [0, 1, 2, 3] : [op]) {
      this.machine.inside.hardware.setLabel(requester, one, SPACES[label.space], label.partid, label.pmg);
      this.#labels.set(`${requester} ${one}`, label);
    }
  }

  run(records: readonly SubjectRecord[]): void {
    const { hardware, memory } = this.machine.inside;
    hardware.edge();
    hardware.fit(Math.max(0, ...records.map((record) => record.line)));
    const draw = this.path === "forced" ? hash(1, this.#draws++) % 3 : 0;
    hardware.setWide(this.path === "wide" || draw === 1);
    hardware.setSingle(this.path === "single" || draw === 2);
    const lines = new Uint32Array(memory.buffer, hardware.stagedLines(), records.length);
    const requesters = new Uint16Array(memory.buffer, hardware.stagedRequesters(), records.length);
    const metas = new Uint8Array(memory.buffer, hardware.stagedMetas(), records.length);
    records.forEach((record, i) => {
      lines[i] = record.line;
      requesters[i] = record.requester;
      metas[i] = (record.op << 6) | (record.bytes - 1);
      this.#note(record);
    });
    const base = Number(hardware.records());
    hardware.replay(records.length);
    this.#base = base;
    this.#collect();
    this.#base = undefined;
  }

  get reset(): (() => void) | undefined {
    const hardware: object = this.machine.inside.hardware;
    if (!canReset(hardware)) return undefined;
    return () => {
      hardware.resetMsc(0);
      this.#collect();
    };
  }

  capture(event: number): void {
    this.machine.inside.hardware.capture(0, event);
    this.#collect();
  }

  advance(ns: number): void {
    this.machine.clock.set(this.machine.clock.now + ns);
  }

  interrupts(): readonly SubjectInterrupt[] {
    return this.#events.splice(0);
  }

  occupancy(): readonly SubjectOccupancy[] {
    return this.machine
      .statistics()
      .filter((one) => one.bytesHeld > 0)
      .map(({ space, partid, pmg, bytesHeld }) => ({ space, partid, pmg, lines: bytesHeld / 64 }));
  }

  statistics(): readonly SubjectStatistics[] {
    if (this.config.kind === "memory") {
      return [...this.#served.values()].map(({ label, accesses }) => ({ ...label, accesses, misses: 0 }));
    }
    return this.machine
      .statistics()
      .filter((one) => one.accesses > 0)
      .map(({ space, partid, pmg, accesses, misses }) => ({ space, partid, pmg, accesses, misses }));
  }

  lines(): readonly SubjectLine[] {
    return this.machine
      .export()
      .sets.flatMap((lines, set) => lines.map((line, age) => ({ ...line, set, age })))
      .map(({ set, way, line, dirty, age, space, partid, pmg }) => ({ set, way, line, dirty, age, space, partid, pmg }))
      .sort((a, b) => a.set - b.set || a.way - b.way);
  }

  /** A channel keeps bytes, not a count of requests. */
  #note(record: SubjectRecord): void {
    if (this.config.kind === "cache") return;
    const label = this.#labels.get(`${record.requester} ${record.op}`) ?? { space: "ns", partid: 0, pmg: 0 };
    const key = `${label.space} ${label.partid} ${label.pmg}`;
    const entry = this.#served.get(key) ?? { label, accesses: 0 };
    entry.accesses++;
    this.#served.set(key, entry);
  }

  #collect(): void {
    const { hardware } = this.machine.inside;
    for (let i = 0; i < hardware.eventCount(); i++) this.#add(this.#event(i));
    hardware.clearEvents();
  }

  /** Pulses and MSIs of one kind and bank are one until they are collected. */
  #add(event: SubjectInterrupt): void {
    const { kind, space, delivery } = event;
    const same = this.#events.findIndex(
      (one) => delivery !== undefined && one.delivery === delivery && one.kind === kind && one.space === space,
    );
    const first = this.#events[same];
    if (first) this.#events[same] = { ...first, count: (first.count ?? 0) + (event.count ?? 0) };
    else this.#events.push(event);
  }

  #event(i: number): SubjectInterrupt {
    const { hardware } = this.machine.inside;
    // The hardware has counted the record that raised the event already; what an edge raised is of no record.
    const record = this.#base === undefined ? -1 : Number(hardware.eventRecord(i)) - 1 - this.#base;
    const common = {
      kind: hardware.eventKind(i) === 0 ? "error" : "overflow",
      level: hardware.eventLevel(i),
      ...(record < 0 ? {} : { record }),
    } as const;
    const delivery = DELIVERIES[hardware.eventDelivery(i)];
    if (delivery === undefined) return common;
    const space = NAMES[hardware.eventSpace(i)] ?? "ns";
    const many = { ...common, delivery, space, count: hardware.eventRepeats(i) };
    return delivery === "pulse" ? many : { ...many, msi: this.#msi(i) };
  }

  #msi(i: number): SubjectMsi {
    const { hardware } = this.machine.inside;
    const attributes = hardware.eventAttributes(i);
    const mpam = hardware.eventMpam(i);
    return {
      address: Number(hardware.eventAddress(i)),
      data: hardware.eventData(i),
      memattr: (attributes >>> 24) & 0xf,
      shareability: (attributes >>> 28) & 3,
      partid: mpam & 0xffff,
      pmg: (mpam >>> 16) & 0xff,
    };
  }
}
