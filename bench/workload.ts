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

export const POLICIES = ["lru", "plru", "nru", "random"] as const;
export type Policy = (typeof POLICIES)[number];

export const LINE_BYTES = 64;
export const WAYS = 16;
export const PMGS = 2;
/** With 16 ways a portion is a way. */
export const PORTIONS = 16;
/** Of random replacement. */
export const RANDOM_SEED = 1;

/** The settings of one PARTID. */
export interface PartitionSetting {
  /** A bit for each portion. */
  readonly portions: number;
  /** Most lines, and whether at the limit it may take empty ways. */
  readonly limit: number;
  readonly soft: boolean;
  /** Lines below which it loses none to those who have theirs. */
  readonly least: number;
  /** Most ways of a set. */
  readonly mostWays: number;
}

export interface CacheCase {
  readonly pattern: Pattern;
  readonly policy: Policy;
  readonly sets: number;
  readonly ways: number;
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
 * last of the unrestricted ones is held at a sixteenth of the cache. Sixteen address spaces of half of 16 ways each, so
 * eight times a cache of 16 ways altogether; the hot parts fill a quarter of it.
 */
export function cacheCase(
  pattern: Pattern,
  sets: number,
  records: number,
  { seed = 1, ways = WAYS, policy = "lru" as Policy } = {},
): CacheCase {
  const lines = sets * ways;
  const all = { portions: 0xffff, limit: lines, soft: false, least: 0, mostWays: ways };
  const lower = { ...all, portions: 0x00ff };
  const upper = { ...all, portions: 0xff00 };
  const capped = { ...all, limit: lines / 16 };
  const partitions = [all, all, all, all, lower, lower, upper, capped];
  const reach = sets * WAYS;
  return { pattern, policy, sets, ways, records, seed, space: reach / 2, hot: reach / 64, partitions };
}

/** The same with every control in use: also a minimum, a maximum of ways, a soft maximum, and a minimum under portions. */
export function everyControl(c: CacheCase): CacheCase {
  const lines = c.sets * c.ways;
  const add: Partial<PartitionSetting>[] = [
    {},
    { least: lines / 8 },
    { mostWays: c.ways / 4 },
    { limit: lines / 16, soft: true },
    { least: lines / 16 },
  ];
  return { ...c, partitions: c.partitions.map((partition, partid) => ({ ...partition, ...add[partid] })) };
}

/** Sets of 16 ways that a cache of so many MiB has. */
export function setsOf(mebibytes: number): number {
  return (mebibytes << 20) / (LINE_BYTES * WAYS);
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

export function drawnColumns(c: CacheCase): CacheColumns {
  const { records } = c;
  const columns = {
    line: new Uint32Array(records),
    requester: new Uint16Array(records),
    meta: new Uint8Array(records),
  };
  fillCache(columns, c);
  return columns;
}

/** What the C twins need to know to make the same input: the argument list described in bench/c/cache.c. */
export function cacheArguments(c: CacheCase): string[] {
  return [...inputWords(c), ...c.partitions.flatMap((p) => [p.portions, p.limit])].map(String);
}

/** The argument list described in bench/c/general.c. */
export function generalArguments(c: CacheCase): string[] {
  const shape = [PORTIONS, c.ways, POLICIES.indexOf(c.policy), RANDOM_SEED];
  const settings = c.partitions.flatMap((p) => [p.portions, p.limit, Number(p.soft), p.least, p.mostWays]);
  return [...inputWords(c), ...shape, ...settings].map(String);
}

function inputWords(c: CacheCase): number[] {
  const pattern = PATTERNS.indexOf(c.pattern);
  return [c.records, c.sets, c.seed, pattern, c.space, c.hot, zipfSpan(c.space), c.partitions.length];
}
