// Points in traces: a model time, a number of records, or a name.
import { ErrnoError } from "../errno/index.ts";
import type { TraceBatch, TraceSource } from "../machine/index.ts";
import { nearest, readCount, readDuration } from "../written/index.ts";
import type { MarkedSource, Position } from "./trace.ts";

/** From "2ms", "5000", "5M", or a name; `marker:` before a name that looks like a number. Undefined for empty text. */
export function parsePosition(text: string): Position | undefined {
  if (text === "") return undefined;
  if (text.startsWith("marker:")) return { marker: text.slice("marker:".length) };
  const ns = readDuration(text);
  if (ns !== undefined) return { ns };
  const record = readCount(text);
  return record === undefined ? { marker: text } : { record };
}

export interface Cut {
  /** Rows before the point. */
  readonly row: number;
  /** Its time, ns: for a record or a name that of the record; past the last record, that of the last. */
  readonly ns: number;
}

/** Where a point lies in one trace. Throws EINVAL for a record or a name that it does not have. */
export async function rowAt(source: MarkedSource, at: Position): Promise<Cut> {
  if ("ns" in at) return { row: await firstRow(source, (time) => time >= at.ns), ns: at.ns };
  const row = "record" in at ? at.record : markedRow([source], at.marker).row;
  if (row > source.records) {
    throw new ErrnoError("EINVAL", `${source.name}: there is no record ${row}; it has ${source.records}`);
  }
  return { row, ns: await timeOf(source, row) };
}

/** Where a point of a replay lies in each of its traces, in the order of replay: by time, then trace, then row. */
export async function cutAll(
  sources: readonly MarkedSource[],
  at: Position,
): Promise<{ readonly rows: readonly number[]; readonly ns: number }> {
  if ("record" in at) return cutAtRecord(sources, at.record);
  if ("ns" in at) {
    const cuts = await Promise.all(sources.map((source) => rowAt(source, at)));
    return { rows: cuts.map(({ row }) => row), ns: at.ns };
  }
  const { file, row } = markedRow(sources, at.marker);
  const ns = await timeOf(sources[file] as TraceSource, row);
  const rows: number[] = [];
  for (const [i, source] of sources.entries()) {
    rows.push(i === file ? row : await firstRow(source, (time) => (i < file ? time > ns : time >= ns)));
  }
  return { rows, ns };
}

/** The first row from `from` on whose time passes the test; `records` where there is none. Times do not decrease. */
export async function firstRow(source: TraceSource, test: (ns: number) => boolean, from = 0): Promise<number> {
  let row = from;
  for await (const batch of source.batches(from)) {
    if (batch.rows > 0 && test(batch.time[batch.rows - 1] as number)) {
      return row + batch.time.findIndex((ns) => test(ns));
    }
    row += batch.rows;
  }
  return row;
}

async function timeOf(source: TraceSource, row: number): Promise<number> {
  const at = Math.max(0, Math.min(row, source.records - 1));
  for await (const batch of source.batches(at)) if (batch.rows > 0) return batch.time[0] as number;
  return 0;
}

function markedRow(sources: readonly MarkedSource[], marker: string): { file: number; row: number } {
  for (const [file, source] of sources.entries()) {
    const found = source.markers?.find(({ name }) => name === marker);
    if (found) return { file, row: found.record };
  }
  const known = sources.flatMap(({ markers }) => markers ?? []).map(({ name }) => name);
  const meant = nearest(marker, known);
  const have = known.length === 0 ? "the traces have no markers" : `the markers are ${known.slice(0, 20).join(", ")}`;
  const allowed = "a time such as 2ms, a number of records or a marker is allowed";
  throw new ErrnoError(
    "EINVAL",
    `there is no marker '${marker}'${meant ? `; did you mean ${meant}?` : ""}; ${have}; ${allowed}`,
  );
}

/** Walks through the traces together until `record` records have passed. */
async function cutAtRecord(sources: readonly TraceSource[], record: number) {
  const cursors = sources.map((source) => new Cursor(source));
  try {
    let ns = 0;
    for (let passed = 0; ; passed++) {
      let first: Cursor | undefined;
      for (const cursor of cursors) {
        const wait = cursor.ready();
        if (wait) await wait;
        if (cursor.time < (first?.time ?? Number.POSITIVE_INFINITY)) first = cursor;
      }
      if (first) ns = first.time;
      if (passed === record) return { rows: cursors.map(({ row }) => row), ns };
      if (!first) throw new ErrnoError("EINVAL", `there is no record ${record}; the traces have ${passed} together`);
      first.row++;
    }
  } finally {
    for (const cursor of cursors) await cursor.close();
  }
}

class Cursor {
  row = 0;
  #batch: TraceBatch | undefined;
  #start = 0;
  readonly #batches: AsyncIterator<TraceBatch>;

  constructor(source: TraceSource) {
    this.#batches = source.batches()[Symbol.asyncIterator]();
  }

  /** Of the record at `row`, Infinity at the end. Only after `ready`. */
  get time(): number {
    return this.#batch ? (this.#batch.time[this.row - this.#start] as number) : Number.POSITIVE_INFINITY;
  }

  /** Nothing to wait for within a batch. */
  ready(): Promise<void> | undefined {
    if (this.#batch && this.row < this.#start + this.#batch.rows) return undefined;
    return this.#next();
  }

  async #next(): Promise<void> {
    for (;;) {
      this.#start = this.row;
      const step = await this.#batches.next();
      this.#batch = step.done ? undefined : step.value;
      if (step.done || step.value.rows > 0) return;
    }
  }

  async close(): Promise<void> {
    await this.#batches.return?.();
  }
}
