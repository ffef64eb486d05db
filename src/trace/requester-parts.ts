// Files that hold each requester by itself: an index for each of them, their rows apart for closed timing, and together in
// one order for everybody else.
import type { Schema } from "apache-arrow";
import { RAW_WIDTHS, type TraceBatch, type TracePart, type TraceRequester } from "../machine/index.ts";
import type { BatchMessage } from "./arrow-messages.ts";
import type { Reader } from "./input.ts";
import type { TraceMetadata } from "./metadata.ts";
import { unpackRows } from "./packed.ts";
import { RawIndex } from "./raw-index.ts";
import { BATCH_ROWS } from "./rows.ts";

interface Indexed {
  readonly index: RawIndex;
  rows: number;
  /** Of the last row. */
  time: number;
}

export class RequesterParts {
  readonly #indexed = new Map<number, Indexed>();

  constructor(
    private readonly schema: Schema,
    private readonly metadata: TraceMetadata,
  ) {}

  /** Takes the next batch in. Undefined for one that is not as it should be. */
  see(message: BatchMessage): { rows: number; time: number } | undefined {
    const part = this.#of(message);
    const seen = part?.index.see(message, part.rows, part.time);
    if (!part || !seen) return undefined;
    part.rows += seen.rows;
    part.time = seen.time;
    return seen;
  }

  /** The time of the row before a batch. */
  timeBefore(message: BatchMessage): number {
    return this.#of(message)?.time ?? 0;
  }

  #of(message: BatchMessage): Indexed | undefined {
    const requester = RawIndex.requesterOf(this.schema, message);
    if (requester === undefined) return undefined;
    const known = this.#indexed.get(requester);
    if (known) return known;
    const index = RawIndex.of(this.schema, this.metadata, this.metadata.requesters, requester);
    const part = index && { index, rows: 0, time: 0 };
    if (part) this.#indexed.set(requester, part);
    return part;
  }

  /** By requester number; those that have rows. */
  list(name: string, requesters: readonly TraceRequester[], reader: () => Reader): readonly TracePart[] {
    return [...this.#indexed]
      .sort(([a], [b]) => a - b)
      .map(([requester, { index, rows }]) => new Part(name, requesters, requester, rows, index, reader));
  }
}

class Part implements TracePart {
  constructor(
    readonly name: string,
    readonly requesters: readonly TraceRequester[],
    readonly requester: number,
    readonly records: number,
    private readonly index: RawIndex,
    private readonly reader: () => Reader,
  ) {}

  raw(from = 0) {
    return this.index.rows(from, this.reader());
  }

  async *batches(from = 0): AsyncIterable<TraceBatch> {
    const raw = this.raw(from);
    if (!raw) return;
    try {
      for (const { length, columns, time, skip, rows } of raw.batches) {
        const [line, requester, sizeOp, step] = await Promise.all(
          columns.map(async (at, i) => {
            const bytes = new Uint8Array(length * (RAW_WIDTHS.packed[i] as number));
            await raw.read(at, bytes);
            return bytes;
          }),
        );
        const { batch } = unpackRows(
          {
            rows: length,
            line: new Uint32Array((line as Uint8Array).buffer),
            requester: new Uint16Array((requester as Uint8Array).buffer),
            sizeOp: sizeOp as Uint8Array,
            step: new Uint32Array((step as Uint8Array).buffer),
          },
          time,
        );
        yield piece(batch, skip, rows);
      }
    } finally {
      await raw.close();
    }
  }
}

function piece(batch: TraceBatch, at: number, rows: number): TraceBatch {
  return {
    rows,
    time: batch.time.subarray(at, at + rows),
    address: batch.address.subarray(at, at + rows),
    bytes: batch.bytes.subarray(at, at + rows),
    op: batch.op.subarray(at, at + rows),
    requester: batch.requester.subarray(at, at + rows),
  };
}

interface Cursor {
  readonly batches: AsyncIterator<TraceBatch>;
  batch: TraceBatch;
  at: number;
}

/** The rows of all parts by time, then by part; from row `from` on, for which those before it are passed over. */
export async function* mergedParts(parts: readonly TracePart[], from: number): AsyncIterable<TraceBatch> {
  const cursors: (Cursor | undefined)[] = [];
  const refill = async (i: number, batches: AsyncIterator<TraceBatch>): Promise<void> => {
    let next = await batches.next();
    while (!next.done && next.value.rows === 0) next = await batches.next();
    cursors[i] = next.done ? undefined : { batches, batch: next.value, at: 0 };
  };
  const iterators = parts.map((part) => part.batches()[Symbol.asyncIterator]());
  let skip = from;
  try {
    for (const [i, batches] of iterators.entries()) await refill(i, batches);
    let out = emptyBatch();
    let filled = 0;
    for (;;) {
      const turn = nextTurn(cursors);
      if (!turn) break;
      const { index, cursor, limit, tie } = turn;
      const { batch, at } = cursor;
      const most = Math.min(batch.rows, at + (skip > 0 ? skip : BATCH_ROWS - filled));
      let end = at + 1;
      while (end < most && ((batch.time[end] as number) < limit || (tie && batch.time[end] === limit))) end++;
      if (skip > 0) skip -= end - at;
      else {
        out.time.set(batch.time.subarray(at, end), filled);
        out.address.set(batch.address.subarray(at, end), filled);
        out.bytes.set(batch.bytes.subarray(at, end), filled);
        out.op.set(batch.op.subarray(at, end), filled);
        out.requester.set(batch.requester.subarray(at, end), filled);
        filled += end - at;
      }
      cursor.at = end;
      if (end === batch.rows) await refill(index, cursor.batches);
      if (filled < BATCH_ROWS) continue;
      yield out;
      out = emptyBatch();
      filled = 0;
    }
    if (filled > 0) yield piece(out, 0, filled);
  } finally {
    for (const batches of iterators) await batches.return?.();
  }
}

function emptyBatch(): TraceBatch {
  return {
    rows: BATCH_ROWS,
    time: new Float64Array(BATCH_ROWS),
    address: new Float64Array(BATCH_ROWS),
    bytes: new Uint16Array(BATCH_ROWS),
    op: new Uint8Array(BATCH_ROWS),
    requester: new Uint16Array(BATCH_ROWS),
  };
}

/** The cursor whose turn it is, and how far it may go: below `limit`, or up to it where an equal time is its turn still. */
function nextTurn(cursors: readonly (Cursor | undefined)[]) {
  let index = -1;
  let first = Number.POSITIVE_INFINITY;
  let limit = Number.POSITIVE_INFINITY;
  let tie = true;
  cursors.forEach((cursor, i) => {
    if (!cursor) return;
    const time = cursor.batch.time[cursor.at] as number;
    if (index < 0 || time < first) {
      if (index >= 0) {
        limit = first;
        tie = false;
      }
      first = time;
      index = i;
    } else if (time < limit) {
      limit = time;
      tie = true;
    }
  });
  const cursor = cursors[index];
  return cursor && { index, cursor, limit, tie };
}
