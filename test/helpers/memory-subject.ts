/**
 * What the memory suite runs on: a whole memory system, seen through the registers of its MSCs and through traffic. Meaning of
 * everything: docs/modelled.md, from "The way of a request" to "Bandwidth"; keys as in docs/platform-format.md, written out cache by cache.
 */
import type { Space, SubjectFeatures, SubjectInterrupt, SubjectLabel, SubjectLimits, SubjectRis } from "./subject.ts";

/** An MSC at a cache or at a memory node; each slice and each channel has one like it. */
export interface MemoryMsc extends SubjectFeatures {
  readonly version: "0.1" | "1.0" | "1.1";
  readonly nrdyUsec: number;
  readonly spaces: Readonly<Partial<Record<Space, SubjectLimits>>>;
  readonly ris: readonly MemoryRis[];
}

export type MemoryRis = SubjectRis & { readonly mbw?: SubjectRis["mbw"] & { readonly window?: "paced" | "fixed" } };

export interface MemoryCache {
  readonly level: number;
  readonly cpus: readonly number[];
  /** Of each slice. */
  readonly sets: number;
  readonly ways: number;
  readonly slices: number;
  readonly policy: "lru" | "plru" | "nru" | "random";
  readonly inclusive: boolean;
  readonly relabelOnWriteHit: boolean;
  readonly mbwu: "downstream" | "upstream";
  readonly latencyNs: number;
  /** Of a slice; absent: as platform-format.md says. */
  readonly bytesPerSecond?: number;
  readonly msc?: MemoryMsc;
}

export interface MemoryNode {
  /** Whole pages. */
  readonly bytes: number;
  readonly channels: number;
  /** Of a channel. */
  readonly bytesPerSecond: number;
  readonly latencyNs: number;
  readonly msc?: MemoryMsc;
}

export interface MemoryConfig {
  readonly cpus: number;
  readonly lineBytes: 32 | 64 | 128 | 256;
  readonly pageBytes: number;
  readonly quantumNs: number;
  readonly outstanding: number;
  readonly seed: number;
  readonly numa: "interleave" | "fill";
  /** In file order. */
  readonly caches: readonly MemoryCache[];
  readonly nodes: readonly MemoryNode[];
  /** The cpu of each requester; requesters are numbered from 0. */
  readonly requesters: readonly number[];
}

/** A part of a record that lies within a line. op 0 read, 1 write, 2 fetch, 3 prefetch; bytes at most those of a line, and 64. */
export interface MemoryRecord {
  readonly time: number;
  readonly line: number;
  readonly requester: number;
  readonly op: number;
  readonly bytes: number;
}

/** Where a slice or a channel stands among its kind: caches in file order slice by slice, or nodes in file order channel by channel. */
export interface MemoryPlace {
  readonly kind: "cache" | "channel";
  readonly index: number;
}

export interface MemoryCounts extends SubjectLabel {
  /** Demands, and those that did not find their line; 0 at channels. */
  readonly accesses: number;
  readonly misses: number;
  /** Lines held; 0 at channels. */
  readonly lines: number;
  /** Bytes as the bandwidth monitors there count them (at a cache with `upstream` as if it were `downstream`). */
  readonly bytesRead: number;
  readonly bytesWritten: number;
}

export type EvictionReason = "disabled" | "ownLimit" | "ownPortion" | "other" | "inclusion";

export interface MemoryEvictions extends SubjectLabel {
  readonly reasons: Readonly<Record<EvictionReason, number>>;
}

export interface MemoryLine extends SubjectLabel {
  readonly set: number;
  readonly way: number;
  readonly line: number;
  readonly dirty: boolean;
}

/** Of the parts of records that a label has issued, as it was when they were issued; only those whose demand has been served. */
export interface MemoryLatency extends SubjectLabel {
  readonly count: number;
  readonly sumNs: number;
  readonly maxNs: number;
  readonly heldNs: number;
}

export interface MemorySubject {
  readonly name: string;
  /** MSCs are numbered: those of cache slices in file order, then those of channels; places without an MSC have no number. */
  read32(msc: number, offset: number, space: Space): number;
  write32(msc: number, offset: number, value: number, space: Space): void;
  /** The registers of an MSC are lost, and are as at power-on; traffic goes by that from the next edge. */
  readonly reset?: ((msc: number) => void) | undefined;
  /** The label that one kind of request of a requester carries; PARTID 0, PMG 0, Non-secure without one. */
  setLabel(requester: number, op: number | "all", label: SubjectLabel): void;
  /** An edge of its own: labels and settings written so far begin to act on traffic. Before the first traffic there is one. */
  edge(): void;
  /** Lets model time pass. */
  advance(ns: number): void;
  /** Open timing: the records in this order, each at its time; `now` is that of the last one afterwards. Times never decrease. */
  run(records: readonly MemoryRecord[]): void;
  /**
   * Closed timing: what the requesters have to issue, each a list in order, whose times are those of the trace. Appended to what is
   * there. A requester's first record at all is issued at its own time.
   */
  load(records: readonly MemoryRecord[]): void;
  /** Runs all quanta that begin before `ns`, a whole number of quanta. Now is `ns` afterwards. */
  runTo(ns: number): void;
  /** Parts not issued yet, and requests held anywhere. */
  waiting(): { readonly records: number; readonly held: number };
  /** Since the last call; `record` counts the parts of records since power-on in order of issue, from 0. */
  interrupts(msc: number): readonly SubjectInterrupt[];
  /** Labels with nothing but zeros left out; in any order. */
  counts(place: MemoryPlace): readonly MemoryCounts[];
  /** What it holds outside of itself goes. */
  close?(): Promise<void>;
  /** Undefined where they are not counted, which is no difference. */
  evictions(slice: number): readonly MemoryEvictions[] | undefined;
  /** In order of set and way. */
  lines(slice: number): readonly MemoryLine[];
  latencies(): readonly MemoryLatency[];
}

export type MemoryFactory = (config: MemoryConfig) => Promise<MemorySubject>;
