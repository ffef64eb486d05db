// A requester of a closed replay, with the records that it has at hand.

import { root } from "../root";

/** Records that a stream keeps at hand. */
export const STREAM_RECORDS: u32 = 256;

export const RECORD_BYTES: usize = 16;

@unmanaged
export class Stream {
  requester: u32;
  /** 1: nothing comes after the records that are here. */
  ended: u32;
  /** Records read and written since the start; the difference is at hand. */
  read: u32;
  written: u32;
  /** When the record at hand is due, and the trace's time of the one before. */
  due: u64;
  /** 1 once a record has been issued. */
  started: u32;
  budget: u32;
  issued: u64;
  traced: u64;
  records: usize;
  /** Records to be passed over before the next is taken; 1 while others wait outside (replay/handover.ts). */
  skip: u32;
  behind: u32;
  /** What its cpu's bandwidth limits let it issue (replay/gates.ts); 0 without one. */
  gate: usize;
}

// @ts-ignore: decorator
@inline
export function streamAt(index: u32): Stream {
  return changetype<Stream>(root().streams + <usize>index * offsetof<Stream>());
}

/** The record at hand: line, meta, time. */
// @ts-ignore: decorator
@inline
export function recordAt(stream: Stream): usize {
  return stream.records + (<usize>(stream.read & (STREAM_RECORDS - 1)) << 4);
}
