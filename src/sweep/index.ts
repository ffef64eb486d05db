// Sweeps: a plan names units, units are run wherever, and answers are made of their results.

export { SWEEP_SUFFIXES, type SweepSuffix, sweepReport } from "./answers/pending.ts";
export { describeSweep } from "./answers/table.ts";
export type { Ended, Engine, EngineHooks } from "./engine.ts";
export { describePlan } from "./plan/describe.ts";
export { type Expanded, expandPlan } from "./plan/expand.ts";
export type { ExpandHost } from "./plan/inputs.ts";
export { loadPlan } from "./plan/load.ts";
export type { Asked } from "./plan/make-units.ts";
export { canonical, nameOf } from "./plan/name.ts";
export { parsePlan, planFrom } from "./plan/parse.ts";
export type { Goal, Measure, Plan } from "./plan/plan.ts";
export { MEASURES } from "./plan/plan.ts";
export { planSchema } from "./plan/schema.ts";
export { splitOf } from "./plan/split.ts";
export { type Dashboard, serveDashboard } from "./queue/dashboard.ts";
export { QueueEngine, type QueueEngineOptions } from "./queue/engine.ts";
export { QueueWorker, type QueueWorkerHooks, type QueueWorkerOptions, type WorkedOn } from "./queue/worker.ts";
export type { GroupResult, Outcome, UnitFailure, UnitResult } from "./result.ts";
export { RESULT_FORMAT, RESULT_VERSION } from "./result.ts";
export { mergeFrom, type RunSweepOptions, runSweep, type SweepProgress } from "./run-sweep.ts";
export { runUnit, type UnitHost } from "./run-unit.ts";
export { Store } from "./store.ts";
export type { Sweep, Swept, SweptPlatform, SweptWorkload } from "./sweep.ts";
export { SWEEP_FORMAT, SWEEP_VERSION } from "./sweep.ts";
export { Threads } from "./threads/threads.ts";
export { TraceShelf } from "./traces/trace-shelf.ts";
export type { Part, Place, Replaying, Schemata, TraceNamed, Unit, Work } from "./unit.ts";
