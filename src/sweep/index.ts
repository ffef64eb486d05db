// Many configurations over the same traces: plans, units, who runs them, and what they say together.

export type { Ended, Engine, EngineHooks } from "./engine.ts";
export type { Expanded } from "./merge.ts";
export { QueueEngine, type QueueEngineOptions } from "./queue/engine.ts";
export { QueueWorker, type QueueWorkerHooks, type QueueWorkerOptions, type WorkedOn } from "./queue/worker.ts";
export { mergeFrom, type RunSweepOptions, runSweep, type SweepProgress } from "./run-sweep.ts";
export { runUnit, type UnitHost } from "./run-unit.ts";
export { Store } from "./store.ts";
export type { Sweep, Swept } from "./sweep.ts";
export { Threads } from "./threads/threads.ts";
export type { Unit, Work } from "./unit.ts";
