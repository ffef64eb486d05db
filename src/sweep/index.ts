// Many configurations over the same traces: plans, units, who runs them, and what they say together.

export { SWEEP_SUFFIXES, type SweepSuffix, sweepReport } from "./answers/files.ts";
export { readSweep } from "./answers/read-sweep.ts";
export { describeSweep } from "./answers/table.ts";
export type { Ended, Engine, EngineHooks } from "./engine.ts";
export { Fronts } from "./fronts.ts";
export { oneLine } from "./one-line.ts";
export { placeText } from "./place-text.ts";
export { describePlan } from "./plan/describe.ts";
export { type Expanded, expandPlan } from "./plan/expand.ts";
export type { ExpandHost } from "./plan/inputs.ts";
export { PLAN_KEYS } from "./plan/keys.ts";
export { loadPlan } from "./plan/load.ts";
export type { Asked } from "./plan/make-units.ts";
export { nameOf } from "./plan/name.ts";
export { parsePlan, planFrom } from "./plan/parse.ts";
export { type Goal, MEASURES, type Measure, type Plan } from "./plan/plan.ts";
export { planSchema } from "./plan/schema.ts";
export { type Split, splitOf } from "./plan/split.ts";
export { type Dashboard, serveDashboard } from "./queue/dashboard.ts";
export { QueueEngine, type QueueEngineOptions } from "./queue/engine.ts";
export { queueLibraries } from "./queue/libraries.ts";
export { QueueWorker, type QueueWorkerHooks, type QueueWorkerOptions, type WorkedOn } from "./queue/worker.ts";
export {
  type GroupResult,
  type Outcome,
  RESULT_FORMAT,
  RESULT_VERSION,
  type UnitFailure,
  type UnitResult,
} from "./result.ts";
export { mergeFrom, type RunSweepOptions, runSweep, type SweepProgress } from "./run-sweep.ts";
export { runUnit, type UnitHost } from "./run-unit.ts";
export { Store } from "./store.ts";
export {
  SWEEP_FORMAT,
  SWEEP_VERSION,
  type Sweep,
  type Swept,
  type SweptPlatform,
  type SweptWorkload,
} from "./sweep.ts";
export { Threads } from "./threads/threads.ts";
export { describeTrace } from "./traces/describe-trace.ts";
export { TraceShelf } from "./traces/trace-shelf.ts";
export type { Part, Place, Replaying, Schemata, TraceNamed, Unit, Work } from "./unit.ts";
export { unitHost } from "./unit-host.ts";
