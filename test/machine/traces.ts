// Traces made up for tests, and what the design says a replay makes of them, in the most obvious way.

import fc from "fast-check";
import type { TraceBatch, TraceRequester, TraceSource, TraceSpace } from "../../src/machine/index.ts";
import type { SubjectRecord } from "../helpers/subject.ts";

export interface Row {
  readonly time: number;
  readonly address: number;
  readonly bytes: number;
  readonly op: number;
  readonly requester: number;
}

export interface FakeOptions {
  readonly requesters?: readonly TraceRequester[];
  readonly spaces?: readonly TraceSpace[];
  readonly addressRule?: "dense" | "identity";
  readonly pageBytes?: number;
  /** Rows of each batch, over and over from the first; 0 is an empty batch. */
  readonly batches?: readonly number[];
  readonly hash?: string;
}

/** A thread with an address space of its own. */
export function thread(tid: number, different: Partial<TraceRequester> = {}): TraceRequester {
  return { asid: tid, pid: tid, tid, ...different };
}

export class FakeTrace implements TraceSource {
  readonly hash: string;
  readonly records: number;
  readonly requesters: readonly TraceRequester[];
  readonly spaces: readonly TraceSpace[];
  readonly addressRule: "dense" | "identity";
  readonly pageBytes: number;
  readonly #sizes: readonly number[];

  constructor(
    readonly name: string,
    readonly rows: readonly Row[],
    options: FakeOptions = {},
  ) {
    this.hash = options.hash ?? `hash of ${name}`;
    this.records = rows.length;
    this.requesters = options.requesters ?? [thread(1)];
    this.addressRule = options.addressRule ?? "dense";
    this.pageBytes = options.pageBytes ?? 4096;
    this.spaces = options.spaces ?? footprints(rows, this.requesters, this.pageBytes);
    this.#sizes = options.batches ?? [64];
  }

  async *batches(from = 0): AsyncGenerator<TraceBatch> {
    let turn = 0;
    for (let at = from; at < this.rows.length; ) {
      const rows = this.rows.slice(at, at + (this.#sizes[turn++ % this.#sizes.length] ?? 1));
      at += rows.length;
      // Batches that come late, as from a file.
      if (turn % 3 === 0) await Promise.resolve();
      yield {
        rows: rows.length,
        time: Float64Array.from(rows, (row) => row.time),
        address: Float64Array.from(rows, (row) => row.address),
        bytes: Uint16Array.from(rows, (row) => row.bytes),
        op: Uint8Array.from(rows, (row) => row.op),
        requester: Uint16Array.from(rows, (row) => row.requester),
      };
    }
  }

  /** The same trace, cut another way. */
  cut(batches: readonly number[]): FakeTrace {
    const { requesters, spaces, addressRule, pageBytes, hash } = this;
    return new FakeTrace(this.name, this.rows, { requesters, spaces, addressRule, pageBytes, hash, batches });
  }
}

function footprints(rows: readonly Row[], requesters: readonly TraceRequester[], pageBytes: number): TraceSpace[] {
  const asids = [...new Set(requesters.map(({ asid }) => asid))];
  return asids.map((asid) => {
    const own = rows.filter((row) => requesters[row.requester]?.asid === asid);
    const reach = Math.max(pageBytes, ...own.map((row) => row.address + Math.max(row.bytes, 1)));
    return { asid, pages: Math.ceil(reach / pageBytes) };
  });
}

export interface NaiveRecord extends SubjectRecord {
  readonly time: number;
}

/**
 * What reaches the cache (design sections 6 and 8): all rows sorted by (time, file, row), spaces laid end to end, rows cut at
 * multiples of 64 bytes, and of lines where those are shorter. Requesters are numbered through the files.
 */
export function naive(traces: readonly FakeTrace[], lineBytes = 64): NaiveRecord[] {
  let top = 0;
  let firstRequester = 0;
  const rows = traces.flatMap((trace, file) => {
    const bases = new Map<number, number>();
    for (const space of trace.spaces) {
      bases.set(space.asid, trace.addressRule === "dense" ? top : 0);
      if (trace.addressRule === "dense") top += space.pages * trace.pageBytes;
    }
    const first = firstRequester;
    firstRequester += trace.requesters.length;
    return trace.rows.map((row, index) => {
      const base = bases.get(trace.requesters[row.requester]?.asid ?? Number.NaN) ?? Number.NaN;
      return { ...row, address: base + row.address, requester: first + row.requester, file, index };
    });
  });
  rows.sort((a, b) => a.time - b.time || a.file - b.file || a.index - b.index);
  return rows.flatMap(({ time, address, bytes, op, requester }) => {
    const end = address + Math.max(bytes, 1);
    const parts: NaiveRecord[] = [];
    const most = Math.min(64, lineBytes);
    for (let at = address; at < end; ) {
      const next = Math.min(end, (Math.floor(at / most) + 1) * most);
      parts.push({ time, line: Math.floor(at / lineBytes), bytes: next - at, op, requester });
      at = next;
    }
    return parts;
  });
}

/** `count` one-line reads, a ns apart, of lines taken in turn. */
export function walk(lines: readonly number[], count: number, different: Partial<Row> = {}): Row[] {
  return Array.from({ length: count }, (_, i) => {
    const line = lines[i % lines.length] ?? 0;
    return { time: i, address: line * 64, bytes: 64, op: 0, requester: 0, ...different };
  });
}

/** Numbers from 0 to `below` - 1 that look random and are the same everywhere. */
export function generator(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Mixed traffic of some requesters over `lines` lines, `gap` ns apart at most. */
export function mixed(seed: number, count: number, requesters: number, lines: number, gap = 3): Row[] {
  const random = generator(seed);
  let time = 0;
  return Array.from({ length: count }, () => {
    time += random(gap + 1);
    const bytes = 1 + random(64);
    const line = random(lines);
    return { time, address: line * 64 + random(65 - bytes), bytes, op: random(4), requester: random(requesters) };
  });
}

// Drawn at random.

const step = fc.record({
  gap: fc.constantFrom(0, 0, 0, 1, 2, 50, 0.5),
  address: fc.nat({ max: 6 * 4096 }),
  bytes: fc.oneof(fc.integer({ min: 0, max: 64 }), fc.integer({ min: 1, max: 300 })),
  op: fc.nat({ max: 3 }),
  requester: fc.nat({ max: 2 }),
});

export const batchSizes = fc.array(fc.nat({ max: 20 }), { minLength: 1, maxLength: 5 }).map((sizes) => [...sizes, 1]);

/** Up to `most` traces of three requesters each, two of them in one address space. */
export function traces(most: number): fc.Arbitrary<FakeTrace[]> {
  const one = fc.record({
    steps: fc.array(step, { maxLength: 60 }),
    batches: batchSizes,
    addressRule: fc.constantFrom("dense" as const, "dense" as const, "identity" as const),
  });
  return fc.array(one, { minLength: 1, maxLength: most }).map((drawn) =>
    drawn.map(({ steps, batches, addressRule }, file) => {
      let time = 0;
      const rows = steps.map(({ gap, ...row }) => {
        time += gap;
        return { ...row, time };
      });
      const requesters = [thread(10 * file + 1), thread(10 * file + 2), thread(10 * file + 3, { asid: 10 * file + 1 })];
      return new FakeTrace(`file ${file}`, rows, { requesters, batches, addressRule });
    }),
  );
}

const seed = process.env.MPAM_SEED;

/** How often a property runs. A failure prints its seed; MPAM_SEED=<seed> runs it again. */
export function runs(numRuns: number): fc.Parameters<unknown> {
  return seed === undefined ? { numRuns } : { numRuns, seed: Number(seed) };
}
