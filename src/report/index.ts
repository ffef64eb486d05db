// Results: what groups did, read from the machine and its tree.

export {
  addCounts,
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
export { describeRun } from "./describe-run.ts";
export { type CounterDiff, type CounterUnit, diffRuns, isEmpty, type RunDiff, type SettingDiff } from "./diff.ts";
export { describeDiff } from "./diff-words.ts";
export { diffHtml, filesOf, REPORT_SUFFIXES, type ReportFile, type ReportSuffix, suffixOf } from "./files.ts";
export { makeRun, type RunFacts } from "./make-run.ts";
export { plain } from "./markup.ts";
export { type GroupReading, groupLabels, groupPaths, readGroups } from "./measure.ts";
export type { GroupTree } from "./needs.ts";
export {
  CONTENT_TYPE,
  countsOfLabels,
  FAMILIES,
  type Family,
  type Metric,
  metricsText,
  type Place,
  type Sample,
} from "./prometheus.ts";
export { readRun, runSchema } from "./read-run.ts";
export { type RecorderOptions, type Recording, RunRecorder } from "./recorder.ts";
export { MEASURES } from "./rows.ts";
export type {
  GroupSeries,
  GroupTotals,
  LatencySeries,
  LatencyTotals,
  LevelSeries,
  Lost,
  PartTotals,
  Run,
  RunCaches,
  RunInterrupt,
  RunLimit,
  RunLine,
  RunMemory,
  RunPhase,
  RunPlatform,
  RunPort,
  RunSettings,
  RunTrace,
} from "./run.ts";
export { RUN_KEYS } from "./run-keys.ts";
export { addLimits, type GroupBandwidth, type GroupSample, type PortSample, Sampler } from "./samples.ts";
export { clipped, shortened } from "./shorten.ts";
