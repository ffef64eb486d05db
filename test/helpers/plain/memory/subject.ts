/** The plain model of a whole memory system: slow, obvious, and written from docs/modelled.md alone. */
import type {
  MemoryConfig,
  MemoryCounts,
  MemoryEvictions,
  MemoryFactory,
  MemoryLatency,
  MemoryLine,
  MemoryPlace,
  MemoryRecord,
  MemorySubject,
} from "../../memory-subject.ts";
import type { Space, SubjectInterrupt, SubjectLabel } from "../../subject.ts";
import { Counting } from "./counting.ts";
import { ByLabel, noCounts, noEvictions, noLatency } from "./counts.ts";
import { type Channel, Machine, type Slice } from "./machine.ts";
import { Path } from "./path.ts";
import { Ports } from "./ports.ts";
import type { Reached } from "./reached.ts";
import type { Moment, Request } from "./request.ts";
import { Requesters } from "./requesters.ts";

const NOBODY: SubjectLabel = { space: "ns", partid: 0, pmg: 0 };
const OPS = [0, 1, 2, 3];

export class PlainMemory implements MemorySubject {
  readonly name = "plain model";
  readonly #machine: Machine;
  readonly #ports: Ports;
  readonly #requesters = new Requesters();
  readonly #latencies = new ByLabel(noLatency);
  /** By requester and op: as they were set, and as traffic carries them. */
  readonly #labels = new Map<string, SubjectLabel>();
  #labelsInForce: ReadonlyMap<string, SubjectLabel> = new Map();
  #now = 0;
  #begun = false;
  /** Parts issued so far. */
  #issued = 0;
  /** The quantum whose edge was the last. */
  #quantum = -1;

  constructor(private readonly config: MemoryConfig) {
    this.#machine = new Machine(config, () => this.#now);
    this.#ports = new Ports(this.#machine);
  }

  /** Which corners traffic has come to. */
  get reached(): Reached {
    return this.#machine.reached;
  }

  read32(msc: number, offset: number, space: Space): number {
    return this.#machine.mscs[msc]?.read32(offset, space) ?? 0;
  }

  write32(msc: number, offset: number, value: number, space: Space): void {
    this.#machine.mscs[msc]?.write32(offset, value, space);
  }

  reset(msc: number): void {
    this.#machine.mscs[msc]?.reset();
  }

  setLabel(requester: number, op: number | "all", label: SubjectLabel): void {
    for (const one of op === "all" ? OPS : [op]) this.#labels.set(`${requester} ${one}`, label);
  }

  edge(): void {
    this.#labelsInForce = new Map(this.#labels);
    for (const msc of this.#machine.mscs) msc.edge();
  }

  advance(ns: number): void {
    this.#pass(this.#now + ns);
  }

  run(records: readonly MemoryRecord[]): void {
    for (const record of records) {
      this.#begin();
      this.#pass(record.time);
      this.#issue(record, { admit: () => true, served: () => {} });
    }
  }

  load(records: readonly MemoryRecord[]): void {
    this.#requesters.load(records);
  }

  runTo(ns: number): void {
    const { quantumNs, outstanding } = this.config;
    if (this.#requesters.waiting > 0) this.#begin();
    const served: Moment["served"] = (request, latencyNs) => this.#served(request, latencyNs);
    for (let q = Math.ceil(this.#now / quantumNs); q * quantumNs < ns; q++) {
      const start = q * quantumNs;
      this.#pass(start);
      this.#ports.edge(q, start, served);
      const held = this.#ports.held.map(({ request }) => request.requester);
      this.#requesters.begin((requester) => Math.max(0, outstanding - held.filter((one) => one === requester).length));
      for (;;) {
        const next = this.#requesters.next(start, start + quantumNs);
        if (next === undefined) break;
        this.#now = next.time;
        const admit: Moment["admit"] = (waiting) => this.#ports.offer(waiting, next.time);
        const cost = this.#issue(next.record, { admit, served });
        this.#requesters.issued(next.record, next.time, cost);
      }
    }
    this.#pass(ns);
  }

  waiting(): { readonly records: number; readonly held: number } {
    return { records: this.#requesters.waiting, held: this.#ports.held.length };
  }

  interrupts(msc: number): readonly SubjectInterrupt[] {
    return this.#machine.mscs[msc]?.interrupts() ?? [];
  }

  counts({ kind, index }: MemoryPlace): readonly MemoryCounts[] {
    const place: Slice | Channel | undefined = (kind === "cache" ? this.#machine.slices : this.#machine.channels)[
      index
    ];
    if (place === undefined) return [];
    const counted = new ByLabel(() => ({ ...noCounts(), lines: 0 }));
    for (const { space, partid, pmg, ...counts } of place.counts.all()) {
      Object.assign(counted.of({ space, partid, pmg }), counts);
    }
    for (const { owner } of place.kind === "cache" ? place.lines.held() : []) counted.of(owner).lines += 1;
    return counted.all().filter(({ space: _space, partid: _partid, pmg: _pmg, ...counts }) => isSome(counts));
  }

  evictions(slice: number): readonly MemoryEvictions[] {
    const evictions = this.#machine.slices[slice]?.evictions ?? new ByLabel(noEvictions);
    return evictions.all().filter(({ reasons }) => isSome(reasons));
  }

  lines(slice: number): readonly MemoryLine[] {
    const held = this.#machine.slices[slice]?.lines.held() ?? [];
    return held.map(({ set, way, line, dirty, owner: { space, partid, pmg } }) => {
      return { set, way, line, dirty, space, partid, pmg };
    });
  }

  latencies(): readonly MemoryLatency[] {
    return this.#latencies.all();
  }

  /** Traffic comes. Before the first there is an edge. */
  #begin(): void {
    if (!this.#begun) this.edge();
    this.#begun = true;
  }

  /** Time passes; at the border of a quantum what waits takes effect, and what is changed after that waits for the next. */
  #pass(ns: number): void {
    this.#now = Math.max(this.#now, ns);
    const quantum = Math.floor(this.#now / this.config.quantumNs);
    if (quantum > this.#quantum) this.edge();
    this.#quantum = quantum;
  }

  /** A part is issued now. Returns what it takes from the budget of its requester. */
  #issue(record: MemoryRecord, moment: Omit<Moment, "counting">): number {
    const label = this.#labelsInForce.get(`${record.requester} ${record.op}`) ?? NOBODY;
    const counting = new Counting(this.#issued);
    this.#issued += 1;
    const path = new Path(this.#machine, record, label);
    path.walk({ counting, ...moment });
    counting.end();
    return path.costs ? 1 : 0;
  }

  /** In closed timing. */
  #served({ demand, heldNs }: Request, latencyNs: number): void {
    if (demand === undefined) return;
    const ns = latencyNs + heldNs;
    const latency = this.#latencies.of(demand);
    latency.count += 1;
    latency.sumNs += ns;
    latency.maxNs = Math.max(latency.maxNs, ns);
    latency.heldNs += heldNs;
  }
}

function isSome(counts: Readonly<Record<string, number>>): boolean {
  return Object.values(counts).some((count) => count > 0);
}

export const plainMemory: MemoryFactory = async (config) => new PlainMemory(config);
