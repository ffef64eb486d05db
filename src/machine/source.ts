// What the machine asks of a trace. src/trace provides it; the machine knows no file format.
import type { Label } from "./spaces.ts";

export const OP_READ = 0;
export const OP_WRITE = 1;
export const OP_FETCH = 2;
export const OP_PREFETCH = 3;

/** Rows are cut into records where they cross a multiple of this. */
export const LINE_BYTES = 64;

/** A stream of an SMMU: `smmu` is its place in the platform, from 0 on. */
export interface TraceStream {
  readonly smmu: number;
  readonly sid: number;
  readonly ssid?: number;
}

/** One (address space, thread, cpu, exception level) of a trace, or a device: who asks. */
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
  /** No thread asks but this device of the platform. */
  readonly device?: string;
  /** No thread asks but whoever sends requests of this stream. */
  readonly stream?: TraceStream;
}

/** Whether a device asks, by its name or its stream. Then pid and tid say nothing. */
export function isDevice({ device, stream }: Pick<TraceRequester, "device" | "stream">): boolean {
  return device !== undefined || stream !== undefined;
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

/** What raw columns are: those of the packed form, or plain ones (docs/trace-format.md). */
export type RawForm = "packed" | "columns";

/** Bytes of a value of each raw column: line, requester, size_op, step; or address, requester, op, time, bytes. */
export const RAW_WIDTHS: { readonly [form in RawForm]: readonly number[] } = {
  packed: [4, 2, 1, 4],
  columns: [8, 2, 1, 8, 2],
};

/** A packed row with this step is no access: it stands for `line` times as many ns. */
export const ESCAPE_STEP = 0xffff_ffff;

/** Some consecutive rows as their file has them: each column little-endian and in one piece. */
export interface RawBatch {
  /** Rows that the columns have, escapes too. */
  readonly length: number;
  /** Byte of the content at which each column begins, in the order of RAW_WIDTHS. */
  readonly columns: readonly number[];
  /** Time of the row before them, ns, and what is added to times. */
  readonly time: number;
  readonly laterNs: number;
  /** Rows of the batch that do not belong to the trace, and how many behind them do. */
  readonly skip: number;
  readonly rows: number;
}

/** Rows where they lie, to be read into the hardware's memory. */
export interface RawRows {
  readonly form: RawForm;
  readonly batches: Iterable<RawBatch>;
  /** Fills `into` with the content from byte `offset` on. Several may be under way. */
  read(offset: number, into: Uint8Array): Promise<void>;
  /** Lets go of the file. */
  close(): Promise<void>;
}

/** Rows in order. */
export interface RowSource {
  readonly name: string;
  readonly records: number;
  readonly requesters: readonly TraceRequester[];
  /** Batches from row `from` on. May be called again; each call starts afresh. */
  batches(from?: number): AsyncIterable<TraceBatch>;
  /** The same rows where they lie in a file, for sources that have been checked and can tell: the fast way. */
  raw?(from?: number): RawRows | undefined;
}

/** The rows of one requester by themselves. */
export interface TracePart extends RowSource {
  /** Index into `requesters`. */
  readonly requester: number;
}

/** A trace, as a replay needs it. */
export interface TraceSource extends RowSource {
  /** Hash of the content: a snapshot names the traces it needs. */
  readonly hash: string;
  /** "dense": pages are numbered by first touch within each space. "identity": addresses as recorded. */
  readonly addressRule: "dense" | "identity";
  readonly pageBytes: number;
  readonly spaces: readonly TraceSpace[];
  /** For files that hold each requester by itself. All together they are the rows, ordered by time and then by part. */
  readonly parts?: readonly TracePart[] | undefined;
}
