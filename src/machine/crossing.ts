// What may stand at the border in front of the last level of caches while traces replay in open timing: somebody who takes what comes
// there (request-recorder.ts), or somebody who has it from another replay (request-stream.ts).

import type { Platform } from "../platform/index.ts";
import type { FeedPosition } from "./columns-in.ts";
import type { Resources } from "./power-on.ts";
import type { TraceSource } from "./source.ts";
import type { Hardware } from "./wasm.ts";

/** What a replay runs, in order. */
export interface RecordFeed {
  /** Where its traces stand; none of what is not resumed. */
  readonly positions: readonly FeedPosition[];
  /** Records in all, where that is not what the traces have. */
  readonly total?: number;
  /** Model time of the next record, or Infinity when all have run. */
  nextTime(): Promise<number>;
  /** Stages the records before `before`, at most `most` or so, and answers how many. */
  stage(before: number, most: number): Promise<number>;
  /** The first `count` staged records have run. */
  ran(count: number): void;
  /** Model time of a record of those staged last; undefined past them. */
  timeOf(index: number): number | undefined;
  /** Lets go of the traces. */
  close(): Promise<void>;
}

/** The replay and the machine that a border is in. */
export interface Border {
  readonly platform: Platform;
  readonly resources: Resources;
  readonly hardware: Hardware;
  readonly memory: WebAssembly.Memory;
  /** Permutes pages. */
  readonly seed: number | undefined;
  readonly sources: readonly TraceSource[];
  readonly startNs: number;
  /** Model time, where the replay ends before its traces. */
  readonly until: number | undefined;
  /** Requester numbers below this one are in use. */
  readonly requesterCount: number;
}

/** A border while a replay runs. */
export interface OpenCrossing {
  /** In place of the traces. */
  readonly feed?: RecordFeed;
  /** Runs `n` staged records; how many ran. */
  run(n: number, timeOf: (index: number) => number | undefined): number;
  /** The replay is over; without `finished` it failed. What it answers the replay does not know. */
  end(finished?: boolean): { readonly records?: number; readonly finished?: boolean };
}

/** Takes or gives the requests that come to the last level of caches: a RequestRecorder or a RequestStream. */
export interface Crossing {
  /** Bytes of the hardware's memory for columns that it needs for itself. */
  readonly reserve: number;
  /** Throws for what it does not fit, and changes nothing then. */
  open(border: Border): OpenCrossing;
}
