// What the machine asks of a trace. src/trace provides it; the machine knows no file format.
import type { Label } from "./spaces.ts";

export const OP_READ = 0;
export const OP_WRITE = 1;
export const OP_FETCH = 2;
export const OP_PREFETCH = 3;

/** Rows are cut into records where they cross a multiple of this. */
export const LINE_BYTES = 64;

/** One (address space, thread, cpu, exception level) of a trace: who asks. */
export interface TraceRequester {
  readonly asid: number;
  readonly pid: number;
  readonly tid: number;
  /** Absent: the trace did not record it, and the machine deals cpus in order of first appearance. */
  readonly cpu?: number;
  readonly el?: number;
  readonly comm?: string;
  readonly source?: string;
  /** The label that the trace recorded for these accesses; another one is another requester. */
  readonly label?: Label;
}

/** One address space of a trace: how many pages its records touch under the address rule. */
export interface TraceSpace {
  readonly asid: number;
  readonly pages: number;
}

/** Some consecutive rows. All columns have `rows` entries. */
export interface TraceBatch {
  readonly rows: number;
  /** Model time since the start of the trace, ns, never decreasing. */
  readonly time: Float64Array;
  /** Byte address within the requester's address space, after the address rule. */
  readonly address: Float64Array;
  readonly bytes: Uint16Array;
  readonly op: Uint8Array;
  /** Index into `requesters`. */
  readonly requester: Uint16Array;
}

export interface TraceSource {
  readonly name: string;
  /** Hash of the content: a snapshot names the traces it needs. */
  readonly hash: string;
  readonly records: number;
  /** "dense": pages are numbered by first touch within each space. "identity": addresses as recorded. */
  readonly addressRule: "dense" | "identity";
  readonly pageBytes: number;
  readonly spaces: readonly TraceSpace[];
  readonly requesters: readonly TraceRequester[];
  /** Batches from row `from` on. May be called again; each call starts afresh. */
  batches(from?: number): AsyncIterable<TraceBatch>;
}
