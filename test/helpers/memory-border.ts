// The WebAssembly hardware as a subject of the memory suite once more: one machine that runs records before the last level of caches,
// and another that takes at the last level what the first hands over there. Closed timing and inclusive caches have one machine.

import { hash } from "../../src/random/index.ts";
import { MemoryMachine, type MemoryRequest, type Ways } from "./memory-machine.ts";
import { isLast } from "./memory-parts.ts";
import type {
  MemoryConfig,
  MemoryCounts,
  MemoryEvictions,
  MemoryLatency,
  MemoryLine,
  MemoryPlace,
  MemoryRecord,
  MemorySubject,
} from "./memory-subject.ts";
import type { Space, SubjectInterrupt, SubjectLabel } from "./subject.ts";

const WAYS: readonly Ways[] = ["general", "chosen", "forced"];
const ROOM = 65_536 * 16;

export class MemoryBorder implements MemorySubject {
  readonly name = "WebAssembly, last level apart";
  /** Whether slices and MSCs are before the last level. */
  readonly #above: readonly boolean[];
  readonly #mscsAbove: readonly boolean[];
  /** For each request that the back has run the number of its record. */
  readonly #records: number[] = [];
  /** One machine runs everything. */
  #alone: boolean;

  private constructor(
    private readonly front: MemoryMachine,
    private readonly back: MemoryMachine,
    private readonly whole: MemoryMachine,
    { caches }: MemoryConfig,
  ) {
    this.#alone = caches.some(({ inclusive }) => inclusive);
    this.#above = caches.flatMap((cache) => Array.from({ length: cache.slices }, () => !isLast(caches, cache)));
    const having = caches.flatMap(({ slices, msc }) => Array.from({ length: slices }, () => msc !== undefined));
    this.#mscsAbove = this.#above.filter((_, slice) => having[slice]);
  }

  static async create(config: MemoryConfig): Promise<MemoryBorder> {
    const [front, back] = [0, 1].map((n) => WAYS[hash(config.seed, n) % WAYS.length] as Ways);
    const workers = 1 + (hash(config.seed, 2) % 2);
    const made = new MemoryBorder(
      await MemoryMachine.create(config, front, { scratchBytes: ROOM }),
      await MemoryMachine.create(config, back, { workers }),
      await MemoryMachine.create(config, "chosen"),
      config,
    );
    if (!made.#alone) {
      made.front.handOver();
      made.back.takeRequests();
    }
    return made;
  }

  #each(what: (machine: MemoryMachine) => void): void {
    for (const machine of [this.front, this.back, this.whole]) what(machine);
  }

  #at(above: boolean | undefined): MemoryMachine {
    if (this.#alone) return this.whole;
    return above ? this.front : this.back;
  }

  read32(msc: number, offset: number, space: Space): number {
    return this.#at(this.#mscsAbove[msc]).read32(msc, offset, space);
  }

  write32(msc: number, offset: number, value: number, space: Space): void {
    this.#each((machine) => machine.write32(msc, offset, value, space));
  }

  get reset(): ((msc: number) => void) | undefined {
    return this.whole.reset && ((msc) => this.#each((machine) => machine.reset?.(msc)));
  }

  setLabel(requester: number, op: number | "all", label: SubjectLabel): void {
    this.#each((machine) => machine.setLabel(requester, op, label));
  }

  edge(): void {
    this.#each((machine) => machine.edge());
  }

  advance(ns: number): void {
    this.#each((machine) => machine.advance(ns));
  }

  run(records: readonly MemoryRecord[]): void {
    if (this.#alone) {
      this.whole.run(records);
      return;
    }
    for (let from = 0; from < records.length; ) {
      const time = records[from]?.time as number;
      let to = from;
      while (to < records.length && records[to]?.time === time) to++;
      this.front.run(records.slice(from, to));
      this.#back(time, this.front.handed());
      from = to;
    }
  }

  #back(time: number, requests: readonly MemoryRequest[]): void {
    for (const { record } of requests) this.#records.push(record);
    this.back.runRequests(time, requests);
  }

  load(records: readonly MemoryRecord[]): void {
    this.#alone = true;
    this.whole.load(records);
  }

  runTo(ns: number): void {
    this.#alone = true;
    this.whole.runTo(ns);
  }

  waiting(): { readonly records: number; readonly held: number } {
    return this.whole.waiting();
  }

  interrupts(msc: number): readonly SubjectInterrupt[] {
    const [whole, front, back] = [this.whole, this.front, this.back].map((machine) => machine.interrupts(msc));
    if (this.#alone) return whole ?? [];
    if (this.#mscsAbove[msc]) return front ?? [];
    return (back ?? []).map((one) => {
      return one.record === undefined ? one : { ...one, record: this.#records[one.record] as number };
    });
  }

  counts(place: MemoryPlace): readonly MemoryCounts[] {
    return this.#at(place.kind === "cache" && this.#above[place.index]).counts(place);
  }

  evictions(slice: number): readonly MemoryEvictions[] | undefined {
    return this.#at(this.#above[slice]).evictions(slice);
  }

  lines(slice: number): readonly MemoryLine[] {
    return this.#at(this.#above[slice]).lines(slice);
  }

  latencies(): readonly MemoryLatency[] {
    return this.whole.latencies();
  }

  async close(): Promise<void> {
    for (const machine of [this.front, this.back, this.whole]) await machine.close();
  }
}
