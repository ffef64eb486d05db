// Several recordings as one stream in the order of design section 6: by time, then file, then row.
import { BATCH_ROWS, type RawRows } from "./rows.ts";

interface Cursor {
  readonly iterator: AsyncIterator<RawRows>;
  rows: RawRows;
  at: number;
}

function emptyRows(): RawRows {
  return {
    rows: 0,
    time: new Float64Array(BATCH_ROWS),
    high: new Uint32Array(BATCH_ROWS),
    low: new Uint32Array(BATCH_ROWS),
    bytes: new Uint16Array(BATCH_ROWS),
    op: new Uint8Array(BATCH_ROWS),
    requester: new Uint16Array(BATCH_ROWS),
  };
}

function copyRows(from: RawRows, start: number, end: number, to: RawRows, at: number): void {
  to.time.set(from.time.subarray(start, end), at);
  to.high.set(from.high.subarray(start, end), at);
  to.low.set(from.low.subarray(start, end), at);
  to.bytes.set(from.bytes.subarray(start, end), at);
  to.op.set(from.op.subarray(start, end), at);
  to.requester.set(from.requester.subarray(start, end), at);
}

function firstRows(all: RawRows, rows: number): RawRows {
  return {
    rows,
    time: all.time.subarray(0, rows),
    high: all.high.subarray(0, rows),
    low: all.low.subarray(0, rows),
    bytes: all.bytes.subarray(0, rows),
    op: all.op.subarray(0, rows),
    requester: all.requester.subarray(0, rows),
  };
}

/** Batches yielded are valid until the next is asked for. */
export async function* mergeRows(streams: readonly AsyncIterable<RawRows>[]): AsyncIterable<RawRows> {
  const [only] = streams;
  if (streams.length === 1 && only !== undefined) {
    yield* only;
    return;
  }
  const cursors: (Cursor | undefined)[] = [];
  const refill = async (file: number, iterator: AsyncIterator<RawRows>): Promise<void> => {
    let next = await iterator.next();
    while (!next.done && next.value.rows === 0) next = await iterator.next();
    cursors[file] = next.done ? undefined : { iterator, rows: next.value, at: 0 };
  };
  const iterators = streams.map((stream) => stream[Symbol.asyncIterator]());
  try {
    for (const [file, iterator] of iterators.entries()) await refill(file, iterator);
    const out = emptyRows();
    let filled = 0;
    for (;;) {
      const next = earliest(cursors);
      if (next === undefined) break;
      const { cursor, file, limit, tie } = next;
      const { time, rows } = cursor.rows;
      const most = Math.min(rows, cursor.at + BATCH_ROWS - filled);
      let end = cursor.at + 1;
      while (end < most && ((time[end] as number) < limit || (tie && time[end] === limit))) end++;
      copyRows(cursor.rows, cursor.at, end, out, filled);
      filled += end - cursor.at;
      cursor.at = end;
      if (end === rows) await refill(file, cursor.iterator);
      if (filled === BATCH_ROWS) {
        yield out.rows === filled ? out : firstRows(out, filled);
        filled = 0;
      }
    }
    if (filled > 0) yield firstRows(out, filled);
  } finally {
    for (const iterator of iterators) await iterator.return?.();
  }
}

/** The cursor whose turn it is, and how far it may go: below `limit`, or up to it where an equal time is still its turn. */
function earliest(cursors: readonly (Cursor | undefined)[]) {
  let file = -1;
  let best = Number.POSITIVE_INFINITY;
  let limit = Number.POSITIVE_INFINITY;
  let limitFile = -1;
  for (let i = 0; i < cursors.length; i++) {
    const cursor = cursors[i];
    if (cursor === undefined) continue;
    const time = cursor.rows.time[cursor.at] as number;
    if (file < 0 || time < best) {
      limit = best;
      limitFile = file;
      best = time;
      file = i;
    } else if (time < limit) {
      limit = time;
      limitFile = i;
    }
  }
  const cursor = cursors[file];
  if (cursor === undefined) return undefined;
  return { cursor, file, limit, tie: limitFile < 0 || file < limitFile };
}
