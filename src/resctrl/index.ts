// The arch hooks: what the resctrl filesystem asks of the architecture, answered by MPAM.

export {
  type Arch,
  allocCapable,
  getResource,
  monCapable,
  type SavedArch,
  type Slot,
  saveArch,
  setupArch,
} from "./arch.ts";
export { EXPORT_NAMES, type ExportName, judge, pick, type Verdict } from "./classes.ts";
export { cacheBytes, getConfig, preconvertBw, resetAllCtrls, updateDomains, updateOne } from "./controls.ts";
export {
  bandwidthGranularity,
  MAX_BANDWIDTH_PERCENT,
  mbwMaxToPercent,
  minBandwidth,
  percentToMbwMax,
} from "./convert.ts";
export { onlineCpu } from "./domains.ts";
export {
  type ClassExplanation,
  type ExplainedDriver,
  type ExplainedVerdict,
  type Explanation,
  explain,
  plural,
  thingsOf,
  type UnknownRis,
} from "./explain.ts";
export {
  configIndex,
  getCdpEnabled,
  getNumClosid,
  rmidIdxDecode,
  rmidIdxEncode,
  setCdpEnabled,
  systemNumRmidIdx,
} from "./ids.ts";
export {
  allCpus,
  allTasks,
  type Cpu,
  findTask,
  matchClosid,
  matchRmid,
  setClosidRmid,
  setCpuDefaultClosidRmid,
  setGlobalDefault,
} from "./labels.ts";
export type { Loss } from "./lost.ts";
export {
  cntrRead,
  configCntr,
  isEvtConfigurable,
  type MonCtx,
  mbmCntrAssignEnabled,
  mbmCntrAssignSet,
  monCtxAlloc,
  monCtxFree,
  resetCntr,
  rmidRead,
  roundMonVal,
} from "./monitors.ts";
export type {
  Clock,
  FsHooks,
  Processor,
  ResctrlDriver,
  ResctrlMachine,
  Task,
  TaskLabel,
  Tasks,
  Timer,
} from "./needs.ts";
export {
  type CacheLimits,
  CONFIG_TYPES,
  type ConfigType,
  type CtrlDomain,
  defaultControl,
  EVENTS,
  type EventName,
  findDomain,
  fullMask,
  type MembwLimits,
  type MonDomain,
  type MonitorLimits,
  RESOURCE_IDS,
  type Resource,
  type ResourceId,
} from "./resource.ts";
export { className, type Finding, partName } from "./rules.ts";
