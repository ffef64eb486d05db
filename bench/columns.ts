// Columns of records in the memory of a machine's hardware, where replays read them without a copy.
import type { Machine } from "../src/machine/index.ts";
import { BATCH, type CacheColumns } from "./workload.ts";

export type Inside = Machine["inside"];

/** The module's kernels look ahead of the record they work on. */
const PADDING = 256;

/** `scratchBytes` for so many records. */
export function scratchFor(records: number): number {
  return records * 7 + 3 * PADDING;
}

/** Puts the columns there; what it gives replays records `from` to `to` of them, in calls of a batch. */
export function placeColumns({ hardware, memory }: Inside, columns: CacheColumns): (from: number, to: number) => void {
  const { length } = columns.line;
  const line = hardware.scratch();
  const requester = line + length * 4 + PADDING;
  const meta = requester + length * 2 + PADDING;
  new Uint32Array(memory.buffer, line, length).set(columns.line);
  new Uint16Array(memory.buffer, requester, length).set(columns.requester);
  new Uint8Array(memory.buffer, meta, length).set(columns.meta);
  return (from, to) => {
    for (let at = from; at < to; at += BATCH) {
      const n = Math.min(BATCH, to - at);
      if (hardware.replayFrom(line + at * 4, requester + at * 2, meta + at, n) !== n) {
        throw new Error("a call ended before its last record");
      }
    }
  };
}
