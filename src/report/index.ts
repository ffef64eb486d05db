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
export { addLimits, type GroupBandwidth, type GroupSample, type PortSample, Sampler } from "./samples.ts";
