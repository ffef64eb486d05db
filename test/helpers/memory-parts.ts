// The WebAssembly hardware as a subject of the memory suite once more: several machines, each of which runs one part of an open replay.
// What the parts have in common must be the same in all; what each has of its own is put together.

import { hash } from "../../src/random/index.ts";
import { canonical } from "../fuzz/memory/questions.ts";
import { MemoryMachine, type Ways } from "./memory-machine.ts";
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

/** Where something is to be asked: in one part, in all alike, or in all to be added up. */
type Where = number | "alike" | "sum";

/** Whether memory is below a cache. */
export function isLast(caches: MemoryConfig["caches"], cache: MemoryConfig["caches"][number]): boolean {
  return !caches.some(({ level, cpus }) => level > cache.level && cpus.includes(cache.cpus[0] as number));
}

export class MemoryParts implements MemorySubject {
  readonly name = "WebAssembly, in parts";
  /** Of slices and of channels, and of MSCs, which have numbers of their own. */
  readonly #slices: readonly Where[];
  readonly #channels: readonly Where[];
  readonly #mscs: readonly Where[];
  /** Closed timing cannot be split. */
  #closed = false;

  private constructor(
    private readonly parts: readonly MemoryMachine[],
    /** Of no parts. */
    private readonly whole: MemoryMachine,
    { caches, nodes }: MemoryConfig,
  ) {
    const of = parts.length;
    const each = (count: number, where: (number: number) => Where) => Array.from({ length: count }, (_, n) => where(n));
    const slices = caches.map((cache) => each(cache.slices, (n) => (isLast(caches, cache) ? n % of : "alike")));
    const channels = nodes.map((node) => each(node.channels, (n) => (caches.length === 0 ? n % of : "sum")));
    this.#slices = slices.flat();
    this.#channels = channels.flat();
    this.#mscs = [
      ...slices.filter((_, index) => caches[index]?.msc).flat(),
      ...channels.filter((_, index) => nodes[index]?.msc).flat(),
    ];
  }

  static async create(config: MemoryConfig): Promise<MemoryParts> {
    const of = config.caches.some(({ inclusive }) => inclusive) ? 1 : 1 + (hash(config.seed, 0) % 4);
    const parts: MemoryMachine[] = [];
    for (let index = 0; index < of; index++) {
      const ways = WAYS[hash(config.seed, index) % WAYS.length] as Ways;
      const workers = 1 + (hash(config.seed, index, 1) % 2);
      parts.push(await MemoryMachine.create(config, ways, { workers, part: { index, of } }));
    }
    return new MemoryParts(parts, await MemoryMachine.create(config, "chosen"), config);
  }

  #each(what: (machine: MemoryMachine) => void): void {
    for (const part of this.parts) what(part);
    what(this.whole);
  }

  /** Undefined, which is no difference, for what can only be added up. */
  #ask<T>(where: Where | undefined, what: (machine: MemoryMachine) => T): T | undefined {
    if (this.#closed) return what(this.whole);
    const answers = this.parts.map(what);
    if (typeof where === "number") return answers[where];
    if (where === "sum") return this.parts.length === 1 ? answers[0] : undefined;
    // Only some paths count why lines are lost.
    const given = answers.filter((one) => one !== undefined).map(canonical);
    if (new Set(given).size > 1) throw new Error(`parts differ: ${given.join(" and ")}`);
    return answers.find((one) => one !== undefined);
  }

  read32(msc: number, offset: number, space: Space): number {
    return this.#ask(this.#mscs[msc], (machine) => machine.read32(msc, offset, space)) as number;
  }

  write32(msc: number, offset: number, value: number, space: Space): void {
    this.#each((machine) => machine.write32(msc, offset, value, space));
  }

  get reset(): ((msc: number) => void) | undefined {
    if (!this.whole.reset) return undefined;
    return (msc) => this.#each((machine) => machine.reset?.(msc));
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
    this.#each((machine) => machine.run(records));
  }

  load(records: readonly MemoryRecord[]): void {
    this.#closed = true;
    this.whole.load(records);
  }

  runTo(ns: number): void {
    this.#closed = true;
    this.whole.runTo(ns);
  }

  waiting(): { readonly records: number; readonly held: number } {
    return this.#ask("alike", (machine) => machine.waiting()) as { records: number; held: number };
  }

  interrupts(msc: number): readonly SubjectInterrupt[] {
    const whole = this.whole.interrupts(msc);
    if (this.#closed) return whole;
    return this.#ask(this.#mscs[msc], (machine) => machine.interrupts(msc)) as readonly SubjectInterrupt[];
  }

  counts(place: MemoryPlace): readonly MemoryCounts[] {
    const where = (place.kind === "cache" ? this.#slices : this.#channels)[place.index];
    if (where !== "sum" || this.#closed) return this.#ask(where, (machine) => machine.counts(place)) ?? [];
    const sums = new Map<string, MemoryCounts>();
    for (const one of this.parts.flatMap((part) => part.counts(place))) {
      const key = `${one.space} ${one.partid} ${one.pmg}`;
      const sum = sums.get(key);
      const added = sum && {
        bytesRead: sum.bytesRead + one.bytesRead,
        bytesWritten: sum.bytesWritten + one.bytesWritten,
      };
      sums.set(key, { ...one, ...added });
    }
    return [...sums.values()];
  }

  evictions(slice: number): readonly MemoryEvictions[] | undefined {
    return this.#ask(this.#slices[slice], (machine) => machine.evictions(slice));
  }

  lines(slice: number): readonly MemoryLine[] {
    return this.#ask(this.#slices[slice], (machine) => machine.lines(slice)) ?? [];
  }

  latencies(): readonly MemoryLatency[] {
    return this.#ask("alike", (machine) => machine.latencies()) ?? [];
  }

  async close(): Promise<void> {
    for (const machine of [...this.parts, this.whole]) await machine.close();
  }
}
