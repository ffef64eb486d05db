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

/** A source whose points may have names. */
export interface MarkedSource extends TraceSource {
  readonly markers?: readonly Marker[];
}

export interface Trace extends MarkedSource {
  /** What the file says about itself; undefined where there is no file of ours. */
  readonly metadata: TraceMetadata | undefined;
}
