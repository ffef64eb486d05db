/** The plain model: slow, obvious, written from the specification, and what every faster implementation is compared with. */
import type {
  MscSubject,
  Space,
  SubjectConfig,
  SubjectInterrupt,
  SubjectLabel,
  SubjectLine,
  SubjectOccupancy,
  SubjectRecord,
  SubjectStatistics,
} from "../subject.ts";
import type { Crossing } from "./mbwu-monitor.ts";
import { allocationOf } from "./memory/allocation.ts";
import { PlainCache } from "./memory/cache.ts";
import { replacementOf } from "./memory/replacement.ts";
import { PlainMsc } from "./msc.ts";

const NOBODY: SubjectLabel = { space: "ns", partid: 0, pmg: 0 };
const WRITE = 1;
const LINE_BYTES = 64;

export class PlainSubject implements MscSubject {
  readonly name = "plain model";
  readonly #msc: PlainMsc;
  readonly #cache: PlainCache | undefined;
  readonly #labels = new Map<string, SubjectLabel>();
  readonly #statistics = new Map<string, { label: SubjectLabel; accesses: number; misses: number }>();
  #now = 0;

  constructor(config: SubjectConfig) {
    const { kind, sets = 1, ways = 1 } = config;
    const shape = { lines: sets * ways, ways };
    if (kind === "cache") {
      this.#cache = new PlainCache(sets, ways, replacementOf("lru", ways, 0, 0), (label) =>
        allocationOf(this.#msc, label, shape),
      );
    }
    this.#msc = new PlainMsc(config, {
      now: () => this.#now,
      bytesHeld: (accepts) =>
        LINE_BYTES * (this.#cache?.held().filter(({ owner, dirty }) => accepts(owner, dirty)).length ?? 0),
    });
  }

  read32(offset: number, space: Space = "ns"): number {
    return this.#msc.read32(offset, space);
  }

  write32(offset: number, value: number, space: Space = "ns"): void {
    this.#msc.write32(offset, value, space);
  }

  /** Two words, low first. */
  read64(offset: number, space: Space = "ns"): bigint {
    const low = this.#msc.read32(offset, space);
    const high = this.#msc.read32(offset + 4, space);
    return (BigInt(high) << 32n) | BigInt(low);
  }

  write64(offset: number, value: bigint, space: Space = "ns"): void {
    this.#msc.write32(offset, Number(value & 0xffff_ffffn), space);
    this.#msc.write32(offset + 4, Number((value >> 32n) & 0xffff_ffffn), space);
  }

  setLabel(requester: number, op: number | "all", label: SubjectLabel): void {
    for (const one of op === "all" ? [0, 1, 2, 3] : [op]) this.#labels.set(`${requester} ${one}`, label);
  }

  run(records: readonly SubjectRecord[]): void {
    this.#msc.edge();
    records.forEach((record, index) => {
      const label = this.#labels.get(`${record.requester} ${record.op}`) ?? NOBODY;
      this.#msc.check(label, index);
      const crossings = this.#serve(record, label);
      this.#msc.count(crossings, index);
    });
  }

  capture(event: number): void {
    this.#msc.capture(event);
  }

  advance(ns: number): void {
    this.#now += ns;
  }

  reset(): void {
    this.#msc.reset();
  }

  interrupts(): readonly SubjectInterrupt[] {
    return this.#msc.interrupts();
  }

  occupancy(): readonly SubjectOccupancy[] {
    const found = new Map<string, SubjectOccupancy>();
    for (const { owner } of this.#cache?.held() ?? []) {
      const key = `${owner.space} ${owner.partid} ${owner.pmg}`;
      found.set(key, { ...owner, lines: (found.get(key)?.lines ?? 0) + 1 });
    }
    return [...found.values()];
  }

  statistics(): readonly SubjectStatistics[] {
    return [...this.#statistics.values()].map(({ label, accesses, misses }) => ({ ...label, accesses, misses }));
  }

  lines(): readonly SubjectLine[] {
    const all = this.#cache?.held() ?? [];
    return all.map(({ set, way, line, dirty, owner: { space, partid, pmg }, lastUse }) => {
      const age = all.filter((other) => other.set === set && other.lastUse > lastUse).length;
      return { set, way, line, dirty, age, space, partid, pmg };
    });
  }

  /** Serves a record and says what its monitors see: what crosses below a cache, what reaches a channel. */
  #serve(record: SubjectRecord, label: SubjectLabel): readonly Crossing[] {
    const write = record.op === WRITE;
    const cache = this.#cache;
    if (cache === undefined) {
      this.#note(label, true);
      return [{ label, write, bytes: record.bytes }];
    }
    const found = cache.find(record.line);
    this.#note(label, found !== undefined);
    if (found !== undefined) {
      cache.touch(found);
      if (write) found.held.dirty = true;
      return [];
    }
    const choice = cache.choose(record.line, label);
    if (choice === undefined) return [{ label, write, bytes: LINE_BYTES }];
    const victim = cache.remove(choice);
    cache.fill(choice, record.line, label, write);
    const filled = { label, write: false, bytes: LINE_BYTES };
    return victim?.dirty === true ? [{ label: victim.owner, write: true, bytes: LINE_BYTES }, filled] : [filled];
  }

  #note(label: SubjectLabel, hit: boolean): void {
    const key = `${label.space} ${label.partid} ${label.pmg}`;
    const entry = this.#statistics.get(key) ?? { label, accesses: 0, misses: 0 };
    entry.accesses += 1;
    if (!hit) entry.misses += 1;
    this.#statistics.set(key, entry);
  }
}
