// Traces made of traces: later, over and over, or a piece of one. Each can be read from any row, as what it is made of.
import { ErrnoError } from "../errno/index.ts";
import type {
  RawBatch,
  RawRows,
  TraceBatch,
  TracePart,
  TraceRequester,
  TraceSource,
  TraceSpace,
} from "../machine/index.ts";
import type { TraceMetadata } from "./metadata.ts";
import { rowAt } from "./positions.ts";
import type { MarkedSource, Marker, Position } from "./trace.ts";

/** A source like another in all but its rows. */
abstract class Composed implements MarkedSource {
  readonly name: string;
  readonly addressRule: "dense" | "identity";
  readonly pageBytes: number;
  readonly spaces: readonly TraceSpace[];
  readonly requesters: readonly TraceRequester[];
  readonly metadata: TraceMetadata | undefined;
  readonly synthetic: boolean;
  abstract readonly markers: readonly Marker[];

  constructor(
    protected readonly source: MarkedSource,
    readonly hash: string,
    readonly records: number,
  ) {
    this.name = source.name;
    this.addressRule = source.addressRule;
    this.pageBytes = source.pageBytes;
    this.spaces = source.spaces;
    this.requesters = source.requesters;
    this.metadata = source.metadata;
    this.synthetic = source.synthetic ?? false;
  }

  abstract batches(from?: number): AsyncIterable<TraceBatch>;
  abstract raw(from?: number): RawRows | undefined;
}

/** At most `rows` rows of raw batches, `ns` later. */
function* pieces(batches: Iterable<RawBatch>, rows: number, ns: number): Iterable<RawBatch> {
  let left = rows;
  for (const batch of batches) {
    if (left <= 0) return;
    yield { ...batch, laterNs: batch.laterNs + ns, rows: Math.min(batch.rows, left) };
    left -= batch.rows;
  }
}

/** `rows` rows from `at` on, `ns` later. */
function piece(batch: TraceBatch, at: number, rows: number, ns: number): TraceBatch {
  const time = batch.time.subarray(at, at + rows);
  return {
    rows,
    time: ns === 0 ? time : time.map((one) => one + ns),
    address: batch.address.subarray(at, at + rows),
    bytes: batch.bytes.subarray(at, at + rows),
    op: batch.op.subarray(at, at + rows),
    requester: batch.requester.subarray(at, at + rows),
  };
}

class Slice extends Composed {
  readonly markers: readonly Marker[];

  constructor(
    source: MarkedSource,
    private readonly first: number,
    end: number,
    private readonly laterNs: number,
  ) {
    super(source, `${source.hash} rows ${first} to ${end} later ${laterNs}`, end - first);
    this.markers = (source.markers ?? [])
      .filter(({ record }) => record >= first && record <= end)
      .map(({ name, record }) => ({ name, record: record - first }));
  }

  async *batches(from = 0): AsyncIterable<TraceBatch> {
    let left = this.records - from;
    if (left <= 0) return;
    for await (const batch of this.source.batches(this.first + from)) {
      const rows = Math.min(batch.rows, left);
      yield piece(batch, 0, rows, this.laterNs);
      left -= rows;
      if (left === 0) return;
    }
  }

  raw(from = 0): RawRows | undefined {
    const raw = this.source.raw?.(this.first + from);
    return raw && { ...raw, batches: pieces(raw.batches, this.records - from, this.laterNs) };
  }
}

/** Laps of one trace, a lap every `lapNs`. */
export class Looped extends Composed {
  /** Those of the first lap. */
  readonly markers: readonly Marker[];
  /** Records of one lap. */
  readonly lapRecords: number;

  constructor(
    source: MarkedSource,
    laps: number,
    /** From the beginning of a lap to that of the next, ns. */
    readonly lapNs: number,
    /** Time of the first record. */
    readonly firstNs: number,
  ) {
    const records = source.records === 0 ? 0 : source.records * laps;
    super(source, `${source.hash} ${laps} times every ${lapNs}`, records);
    this.lapRecords = source.records;
    // A name is a name of one point: the first lap's.
    this.markers = source.markers ?? [];
  }

  /** The rows from this one on, all laps counted through. */
  async *batches(from = 0): AsyncIterable<TraceBatch> {
    const { lapRecords } = this;
    let row = from % lapRecords;
    for (let lap = Math.floor(from / lapRecords); lap * lapRecords < this.records; lap++) {
      for await (const batch of this.source.batches(row)) yield piece(batch, 0, batch.rows, lap * this.lapNs);
      row = 0;
    }
  }

  /** The same as columns of the file, where the trace has them. */
  raw(from = 0): RawRows | undefined {
    const { lapRecords, lapNs, records, source } = this;
    const raw = source.raw?.(from % lapRecords);
    if (!raw) return undefined;
    const first = Math.floor(from / lapRecords);
    const batches = (function* (): Iterable<RawBatch> {
      for (let lap = first; lap * lapRecords < records; lap++) {
        const of = lap === first ? raw : source.raw?.(0);
        yield* pieces(of?.batches ?? [], lapRecords, lap * lapNs);
      }
    })();
    return { ...raw, batches };
  }
}

class Again extends Composed {
  readonly markers: readonly Marker[];

  constructor(source: MarkedSource, which: number) {
    super(source, `${source.hash} #${which}`, source.records);
    this.markers = source.markers ?? [];
  }

  batches(from?: number): AsyncIterable<TraceBatch> {
    return this.source.batches(from);
  }

  raw(from?: number): RawRows | undefined {
    return this.source.raw?.(from);
  }

  get parts(): readonly TracePart[] | undefined {
    return this.source.parts;
  }
}

/** Rows `first` to `end` - 1, `laterNs` later than they were. */
export function slice(source: MarkedSource, first: number, end: number, laterNs = 0): MarkedSource {
  return new Slice(source, first, end, laterNs);
}

/** The same trace, beginning `ns` later. */
export function startingAt(source: MarkedSource, ns: number): MarkedSource {
  if (!(ns >= 0)) throw new ErrnoError("EINVAL", `${source.name}: a start of ${ns} ns; 0 or later is needed`);
  return ns === 0 ? source : new Slice(source, 0, source.records, ns);
}

/** Times of the first and of the last record, ns; undefined where there are none. */
export async function extentOf(source: TraceSource): Promise<{ firstNs: number; lastNs: number } | undefined> {
  if (source.records === 0) return undefined;
  const timeOf = async (row: number): Promise<number | undefined> => {
    for await (const batch of source.batches(row)) if (batch.rows > 0) return batch.time[0];
    return undefined;
  };
  const firstNs = await timeOf(0);
  const lastNs = await timeOf(source.records - 1);
  return firstNs === undefined || lastNs === undefined ? undefined : { firstNs, lastNs };
}

/** Model time of the last record of all traces. */
export async function endOf(sources: readonly TraceSource[]): Promise<number> {
  let end = 0;
  for (const source of sources) end = Math.max(end, (await extentOf(source))?.lastNs ?? 0);
  return end;
}

/**
 * The trace over and over, a lap every `lapNs`. Without it the next lap begins one mean distance of records after the last record,
 * 1 ns at least. "forever" has no end: `records` is Infinity, and a replay of it needs `until`.
 */
export async function looped(source: MarkedSource, times: number | "forever", lapNs?: number): Promise<Looped> {
  const laps = times === "forever" ? Number.POSITIVE_INFINITY : times;
  if (times !== "forever" && !(Number.isSafeInteger(times) && times >= 1)) {
    throw new ErrnoError("EINVAL", `${source.name}: ${times} times; a whole number from 1 on, or forever, is needed`);
  }
  if (source.records === Number.POSITIVE_INFINITY) {
    throw new ErrnoError("EINVAL", `${source.name}: has no end, and cannot be looped`);
  }
  const extent = await extentOf(source);
  const span = extent ? extent.lastNs - extent.firstNs : 0;
  const step = Math.max(1, Math.round(span / Math.max(1, source.records - 1)));
  if (lapNs !== undefined && !(lapNs >= span)) {
    throw new ErrnoError("EINVAL", `${source.name}: a lap every ${lapNs} ns; one takes ${span} ns`);
  }
  return new Looped(source, laps, lapNs ?? span + step, extent?.firstNs ?? 0);
}

/** What comes at and after a point; it becomes the time 0. */
export async function skipping(source: MarkedSource, to: Position): Promise<MarkedSource> {
  const { row, ns } = await rowAt(source, to);
  return slice(source, row, source.records, -ns);
}

/** What comes before a point. */
export async function taking(source: MarkedSource, until: Position): Promise<MarkedSource> {
  return slice(source, 0, (await rowAt(source, until)).row);
}

/** The same records under another name of its content: a machine takes it for another program. */
export function again(source: MarkedSource, which: number): MarkedSource {
  return new Again(source, which);
}
