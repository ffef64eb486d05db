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
import { PlainCache } from "./cache.ts";
import type { Crossing } from "./mbwu-monitor.ts";
import { PlainMsc } from "./msc.ts";

const NOBODY: SubjectLabel = { space: "ns", partid: 0, pmg: 0 };
const WRITE = 1;

export class PlainSubject implements MscSubject {
  readonly name = "plain model";
  readonly #msc: PlainMsc;
  readonly #cache: PlainCache | undefined;
  readonly #ways: number;
  readonly #labels = new Map<string, SubjectLabel>();
  readonly #statistics = new Map<string, { label: SubjectLabel; accesses: number; misses: number }>();
  #now = 0;

  constructor(config: SubjectConfig) {
    this.#ways = config.ways ?? 1;
    this.#cache = config.kind === "cache" ? new PlainCache(config.sets ?? 1, this.#ways) : undefined;
    this.#msc = new PlainMsc(config, {
      now: () => this.#now,
      bytesHeld: (accepts) => this.#cache?.bytesHeld(accepts) ?? 0,
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

  interrupts(): readonly SubjectInterrupt[] {
    return this.#msc.interrupts();
  }

  occupancy(): readonly SubjectOccupancy[] {
    return this.#cache?.occupancy() ?? [];
  }

  statistics(): readonly SubjectStatistics[] {
    return [...this.#statistics.values()].map(({ label, accesses, misses }) => ({ ...label, accesses, misses }));
  }

  lines(): readonly SubjectLine[] {
    return this.#cache?.lines() ?? [];
  }

  /** Serves a record and says what its monitors see: what crosses below a cache, what reaches a channel. */
  #serve(record: SubjectRecord, label: SubjectLabel): readonly Crossing[] {
    const write = record.op === WRITE;
    const cache = this.#cache;
    if (cache === undefined) {
      this.#note(label, true);
      return [{ label, write, bytes: record.bytes }];
    }
    const { enabled, settings } = this.#msc.controls(label);
    const account = this.#msc.account(label);
    const { hit, crossings } = cache.access(record.line, write, label, {
      mayAllocate: (set, way) => enabled && settings.every((s) => s.allows(set, way, this.#ways)),
      limit: Math.min(cache.size, ...settings.map((s) => s.limit(cache.size))),
      isOwn: (owner) => this.#msc.account(owner) === account,
    });
    this.#note(label, hit);
    return crossings;
  }

  #note(label: SubjectLabel, hit: boolean): void {
    const key = `${label.space} ${label.partid} ${label.pmg}`;
    const entry = this.#statistics.get(key) ?? { label, accesses: 0, misses: 0 };
    entry.accesses += 1;
    if (!hit) entry.misses += 1;
    this.#statistics.set(key, entry);
  }
}
