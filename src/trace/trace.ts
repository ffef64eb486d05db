// What openTrace gives: a source for the machine, and what is known about it besides.
import type { TraceSource } from "../machine/index.ts";
import type { TraceMetadata } from "./metadata.ts";

/** A named point in a trace. */
export interface Marker {
  readonly name: string;
  /** The row before which it stands. */
  readonly record: number;
}

/** A source whose points may have names. */
export interface MarkedSource extends TraceSource {
  readonly markers?: readonly Marker[];
}

export interface Trace extends MarkedSource {
  /** What the file says about itself; undefined where there is no file of ours. */
  readonly metadata: TraceMetadata | undefined;
}
