// The arch hooks: what the resctrl filesystem asks of the architecture, answered by MPAM.

export {
  getIoAllocEnabled,
  ioAllocEnable,
  isEvtConfigurable,
  monEventConfigRead,
  monEventConfigWrite,
  preMount,
  resetRmid,
  resetRmidAll,
} from "./absent.ts";
export { type Arch, allocCapable, type Domain, getResource, monCapable, type Slot } from "./arch.ts";
export {
  type CdpOptions,
  disableCdp,
  enableCdp,
  getCdpEnabled,
  hidesCdp,
  type MountedCdp,
  partidRead,
  partidsMonitored,
  partidsWritten,
  setCdpEnabled,
} from "./cdp.ts";
export { EXPORT_NAMES, type ExportName, judge, pick, type Verdict } from "./classes.ts";
export { LINUX_7_3, type Oddities, REPAIRED } from "./compat.ts";
export { cacheBytes, getConfig, preconvertBw, resetAllCtrls, updateDomains, updateOne } from "./controls.ts";
export {
  bandwidthGranularity,
  MAX_BANDWIDTH_PERCENT,
  mbwMaxToPercent,
  minBandwidth,
  percentToMbwMax,
} from "./convert.ts";
export {
  cntrRead,
  configCntr,
  mbmCntrAssignEnabled,
  mbmCntrAssignSet,
  resetCntr,
} from "./counters.ts";
export { offlineCpu, onlineCpu } from "./domains.ts";
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
  getNumClosid,
  rmidIdxDecode,
  rmidIdxEncode,
  systemNumRmidIdx,
} from "./ids.ts";
export { type GroupIds, type KernelMode, kernelModeCapable, setKernelMode } from "./kernel-mode.ts";
export {
  allCpus,
  allTasks,
  type Cpu,
  findTask,
  label,
  matchClosid,
  matchRmid,
  relabelAll,
  schedIn,
  setClosidRmid,
  setCpuDefaultClosidRmid,
  setGlobalDefault,
  syncCpuClosidRmid,
} from "./labels.ts";
export type { Loss } from "./lost.ts";
export { type MonCtx, monCtxAlloc, monCtxFree, rmidRead, roundMonVal } from "./monitors.ts";
export type {
  Clock,
  FsHooks,
  Kernel,
  KernelPolicy,
  LabelPair,
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
export { type SavedArch, saveArch } from "./saved.ts";
export { type SetupOptions, setupArch } from "./setup.ts";
