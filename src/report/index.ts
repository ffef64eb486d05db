// Results: what groups did, read from the machine and its tree.

export {
  type Counts,
  type CountsSince,
  countsSince,
  keyOf,
  type Latency,
  type LatencySince,
  type LevelCounts,
  type LevelOfWork,
  type LevelOfWorkSince,
  type Look,
  type LostLines,
  levelsSince,
  lookAt,
  REASONS,
} from "./counts.ts";
export { type GroupReading, groupPaths, readGroups } from "./measure.ts";
export type { GroupTree } from "./needs.ts";
export { addLimits, type GroupBandwidth, type GroupSample, type PortSample, Sampler } from "./samples.ts";
export { filesOf, REPORT_SUFFIXES, type ReportFile, type ReportSuffix, suffixOf } from "./files.ts";
export { makeRun, type RunFacts } from "./make-run.ts";
export { type Recording, RunRecorder } from "./recorder.ts";
export type { Run } from "./run.ts";
