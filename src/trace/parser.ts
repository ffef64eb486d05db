// What an importer of one recording does, and what it is told.
import type { TraceRequester } from "../machine/index.ts";
import type { RowBuffer } from "./rows.ts";

export interface ParserContext {
  /** Model time of the n-th instruction, counted from 1; 0 means before the first. */
  timeOf(instructions: number): number;
  /** The number of a requester of this recording. */
  requester(who: Omit<TraceRequester, "source">): number;
  /** What the caller says the process and the command are, against the recording. */
  readonly pid?: number;
  readonly comm?: string;
  /** For recordings that name no process. */
  readonly fallbackPid: number;
  /** Whether a thread on another cpu is another requester. */
  readonly cpus: "drop" | "record";
}

export interface RecordParser {
  /** Accesses so far, fetches among them. */
  readonly records: number;
  /** Lines or records of every kind so far, as a count of the file's own would have it. */
  readonly entries: number;
  /** Lines or records that are none of the format's, or of an unknown type. */
  readonly skipped: number;
  /** Takes in one chunk of at most CHUNK_BYTES. */
  push(chunk: Uint8Array, out: RowBuffer): void;
  /** The recording has ended; text says what is missing. */
  end(out: RowBuffer): string | undefined;
}
