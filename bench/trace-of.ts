// Columns as a trace: a nanosecond between any two records, all threads in one address space.
import type { TraceBatch, TraceRequester } from "../src/machine/index.ts";
import type { MarkedSource } from "../src/trace/index.ts";
import { BATCH, type CacheColumns, LINE_BYTES } from "./workload.ts";

const PAGE_BYTES = 4096;
/** The address space of all requesters. */
export const ASID = 1;

export function traceOf(hash: string, columns: CacheColumns, requesters: readonly TraceRequester[]): MarkedSource {
  const records = columns.line.length;
  const highest = columns.line.reduce((most, line) => Math.max(most, line), 0);
  return {
    name: "bench",
    hash,
    records,
    addressRule: "dense",
    pageBytes: PAGE_BYTES,
    spaces: [{ asid: ASID, pages: Math.floor((highest * LINE_BYTES) / PAGE_BYTES) + 1 }],
    requesters,
    async *batches(from = 0) {
      for (let at = from; at < records; at += BATCH) yield batchOf(columns, at, Math.min(records, at + BATCH));
    },
  };
}

function batchOf({ line, requester, meta }: CacheColumns, from: number, to: number): TraceBatch {
  const rows = to - from;
  return {
    rows,
    time: Float64Array.from({ length: rows }, (_, i) => from + i),
    address: Float64Array.from(line.subarray(from, to), (number) => number * LINE_BYTES),
    bytes: Uint16Array.from(meta.subarray(from, to), (word) => (word & 63) + 1),
    op: Uint8Array.from(meta.subarray(from, to), (word) => word >> 6),
    requester: requester.slice(from, to),
  };
}
