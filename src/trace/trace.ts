// What openTrace gives: a source for the machine, and what is known about it besides.
import type { TraceSource } from "../machine/index.ts";
import type { TraceMetadata } from "./metadata.ts";

/** A named point in a trace. */
export interface Marker {
  readonly name: string;
  /** The row before which it stands. */
  readonly record: number;
}

/** A point in a trace: the first record at a time (ns), the record after so many, or the one that a marker stands before. */
export type Position = { readonly ns: number } | { readonly record: number } | { readonly marker: string };

/** A source whose points may have names, and what is known of where it comes from. */
export interface MarkedSource extends TraceSource {
  readonly markers?: readonly Marker[];
  /** What the file says about itself; undefined where there is no file of ours. Of a piece or of laps, what that of the whole says. */
  readonly metadata?: TraceMetadata | undefined;
  /** There is no file: it is made while it is read. */
  readonly synthetic?: boolean;
}

export interface Trace extends MarkedSource {
  readonly metadata: TraceMetadata | undefined;
}
