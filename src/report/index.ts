// Results: what groups did, read from the machine and its tree.

export type { ArrowColumn } from "./arrow-file.ts";
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
export { csvFile } from "./csv-file.ts";
export { describeRun } from "./describe-run.ts";
export { type CounterDiff, type CounterUnit, diffRuns, isEmpty, type RunDiff, type SettingDiff } from "./diff.ts";
export { describeDiff } from "./diff-words.ts";
export { figureOf } from "./figures.ts";
export {
  arrowOfColumns,
  diffHtml,
  filesOf,
  REPORT_SUFFIXES,
  type ReportFile,
  type ReportSuffix,
} from "./files.ts";
export { makeRun, type RunFacts } from "./make-run.ts";
export { Markup, markup, plain } from "./markup.ts";
export { type GroupReading, groupLabels, groupPaths, readGroups } from "./measure.ts";
export type { GroupTree } from "./needs.ts";
export { page, table as pageTable } from "./page.ts";
export { BOLD_LETTER, canvas, type Drawing, HEADING, LETTER, px, type Titled } from "./pictures/canvas.ts";
export { MOST_COLOURS } from "./pictures/colours.ts";
export { namesAtRight } from "./pictures/end-names.ts";
export type { Slot } from "./pictures/picture.ts";
export { type Axis, around, axes, type Plot, plotOf } from "./pictures/plot.ts";
export { scaleFor, type Unit } from "./pictures/units.ts";
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
