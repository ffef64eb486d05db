// What the contestants are given to do: columns drawn from a seed, and the configuration of the cache they run on.
import { draw, zipfRank, zipfSpan } from "./mixer.ts";

/** Calls hand over at most this many records: the module's limit, and V8 replaces code between calls only. */
export const BATCH = 65536;
export const OP_WRITE = 1;

/** Columns of requests at a memory channel. */
export interface AccountingColumns {
  /** owner * 2 + direction; direction 1 is a write. */
  readonly key: Uint16Array;
  readonly bytes: Uint32Array;
}

export interface AccountingCase {
  readonly name: string;
  readonly records: number;
  /** How often one turn goes through the columns. */
  readonly passes: number;
}

export const ACCOUNTING_SEED = 1;
/** 255 labels, as many as a narrow cache line can name, in two directions. */
export const ACCOUNTING_KEYS = 510;
export const LARGEST_REQUEST = 64;

/** 384 KiB stay in the second-level cache; 96 MiB are three times the last level of the machine the goals were set on. */
export const ACCOUNTING_CASES: readonly AccountingCase[] = [
  { name: "L2", records: 65536, passes: 1024 },
  { name: "DRAM", records: 16777216, passes: 4 },
];

export function fillAccounting(columns: AccountingColumns, seed = ACCOUNTING_SEED): void {
  const span = zipfSpan(ACCOUNTING_KEYS);
  for (let i = 0; i < columns.key.length; i++) {
    columns.key[i] = (zipfRank(draw(seed, i, 0), span) * 181) % ACCOUNTING_KEYS;
    columns.bytes[i] = 1 + (draw(seed, i, 1) % LARGEST_REQUEST);
  }
}

/** Columns of accesses to a cache. */
export interface CacheColumns {
  readonly line: Uint32Array;
  readonly requester: Uint16Array;
  /** Bits 7:6 op, bits 5:0 bytes - 1. */
  readonly meta: Uint8Array;
}

export const PATTERNS = ["hit95", "zipf", "uniform"] as const;
export type Pattern = (typeof PATTERNS)[number];

export const WAYS = 16;
export const PMGS = 2;

/** The settings of one PARTID. With 16 portions and 16 ways a portion is a way. */
export interface PartitionSetting {
  readonly portions: number;
  /** Most lines. */
  readonly limit: number;
}

export interface CacheCase {
  readonly pattern: Pattern;
  readonly sets: number;
  readonly records: number;
  readonly seed: number;
  /** Lines each requester's own address space has. */
  readonly space: number;
  /** Lines of it that "hit95" keeps coming back to. */
  readonly hot: number;
  /** PARTID by PARTID; requester r has PARTID r mod partids and PMG floor(r / partids). */
  readonly partitions: readonly PartitionSetting[];
}

/**
 * Eight PARTIDs of two PMGs: five may use everything, two the lower half of the portions, one the upper half, and the
 * last of the unrestricted ones is held at a sixteenth of the cache. Sixteen address spaces of half the cache each, so
 * eight times the cache altogether; the hot parts fill a quarter of it.
 */
export function cacheCase(pattern: Pattern, sets: number, records: number, seed = 1): CacheCase {
  const lines = sets * WAYS;
  const all = { portions: 0xffff, limit: lines };
  const lower = { portions: 0x00ff, limit: lines };
  const upper = { portions: 0xff00, limit: lines };
  const capped = { portions: 0xffff, limit: lines / 16 };
  const partitions = [all, all, all, all, lower, lower, upper, capped];
  return { pattern, sets, records, seed, space: lines / 2, hot: lines / 64, partitions };
}

export function requestersOf(c: CacheCase): number {
  return c.partitions.length * PMGS;
}

export function fillCache(columns: CacheColumns, c: CacheCase): void {
  const requesters = requestersOf(c);
  const span = zipfSpan(c.space);
  const cold = requesters * c.space;
  for (let i = 0; i < c.records; i++) {
    const where = draw(c.seed, i, 0);
    const who = draw(c.seed, i, 1) % requesters;
    const kind = draw(c.seed, i, 2);
    const base = who * c.space;
    let line: number;
    if (c.pattern === "hit95") {
      line = (kind >>> 8) % 100 < 95 ? base + (where & (c.hot - 1)) : cold + (where & (cold * 2 - 1));
    } else if (c.pattern === "zipf") {
      line = base + ((Math.imul(zipfRank(where, span), 0x9e3779b1) & (c.space - 1)) >>> 0);
    } else {
      line = base + (where & (c.space - 1));
    }
    columns.line[i] = line;
    columns.requester[i] = who;
    columns.meta[i] = ((kind & 3) === 0 ? OP_WRITE << 6 : 0) | 7;
  }
}

/** What the C twin needs to know to make the same input: the argument list described in bench/c/cache.c. */
export function cacheArguments(c: CacheCase): string[] {
  const words = [c.records, c.sets, c.seed, PATTERNS.indexOf(c.pattern), c.space, c.hot, zipfSpan(c.space)];
  const settings = c.partitions.flatMap((p) => [p.portions, p.limit]);
  return [...words, c.partitions.length, ...settings].map(String);
}
