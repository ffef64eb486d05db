// What an importer of one recording does, and what it is told.
import type { TraceRequester } from "../machine/index.ts";
import type { AddressRule } from "./pages.ts";
import type { RowBuffer } from "./rows.ts";

export interface ParserContext {
  /** Model time of the n-th instruction, counted from 1; 0 means before the first. */
  timeOf(instructions: number): number;
  /** Where times are to be the recorded ones: the model time of a recorded one, ns. Throws when it goes back. */
  recorded?: (ns: bigint) => number;
  /** The number of a requester of this recording. */
  requester(who: Omit<TraceRequester, "source">): number;
  readonly addresses: AddressRule;
  /** What the caller says the process and the command are, against the recording. */
  readonly pid?: number;
  readonly comm?: string;
  /** For recordings that name no process. */
  readonly fallbackPid: number;
  /** Whether a thread on another cpu is another requester. */
  readonly cpus: "drop" | "record";
}

/** What times can be made from: "fetches" is instructions where fetch records show them, else accesses. */
export type TimeChoice = "instructions" | "fetches" | "accesses" | "recorded";

export interface RecordParser {
  /** Accesses so far, fetches among them. */
  readonly records: number;
  /** Lines or records of every kind so far, as a count of the file's own would have it. */
  readonly entries: number;
  /** Lines or records that are none of the format's, or of an unknown type. */
  readonly skipped: number;
  /** Where the record being read is: "line 7" or "byte 96". For refusals. */
  readonly place: string;
  /** What its times can be made from, the default first. */
  readonly times: readonly TimeChoice[];
  /** Takes in one chunk of at most CHUNK_BYTES. */
  push(chunk: Uint8Array, out: RowBuffer): void;
  /** The recording has ended; text says what is missing. */
  end(out: RowBuffer): string | undefined;
}

/** Accesses of recordings without sizes take this many bytes, fewer where their line ends sooner: such an access is one line's. */
const UNKNOWN_BYTES = 8;

export function unknownBytes(low: number): number {
  return Math.min(UNKNOWN_BYTES, 64 - (low & 63));
}

/** The requester of a recording that names nobody: a thread and a space of its own. */
export function nobody(context: ParserContext): number {
  const pid = context.pid ?? context.fallbackPid;
  return context.requester({
    asid: pid,
    pid,
    tid: pid,
    ...(context.comm === undefined ? {} : { comm: context.comm }),
  });
}
