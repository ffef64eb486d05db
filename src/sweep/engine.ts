// What runs the units of a sweep, wherever it does: threads of this process, workers on a queue. Any order, any number at once;
// what becomes of the results is the caller's.

import type { Unit } from "./unit.ts";

/** How one unit ended. */
export type Ended =
  /** The bytes of its result file, which may say that it cannot be run. */
  | { readonly unit: Unit; readonly text: string }
  /** Nobody found out: whoever ran it died of it again and again, or its traces were out of reach. It has no result. */
  | { readonly unit: Unit; readonly lost: string };

export interface EngineHooks {
  /** Called once for each unit. What it throws ends the run. */
  ended(one: Ended): Promise<void>;
  /** Something to tell whoever looks on: a worker came, the server is away. One line. */
  note?(line: string): void;
  readonly signal?: AbortSignal;
}

export interface Engine {
  /** Resolves when every unit has ended; rejects when `signal` fires, or when it cannot go on. */
  run(units: readonly Unit[], hooks: EngineHooks): Promise<void>;
}
