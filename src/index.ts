// The package: what other programs build on. Names stay; arguments may grow.

export { Android, type AndroidOptions } from "./android/index.ts";
export type { Component, MonitorRequest, MpamClass, PartConfig } from "./driver/index.ts";
export { type DmaLabel, type DmaPolicy, Driver, type DriverOptions, SmmuLabels } from "./driver/index.ts";
export { type ErrnoCode, ErrnoError } from "./errno/index.ts";
export {
  acpiObject,
  acpiTables,
  acpiText,
  checkAcpi,
  checkDeviceTree,
  describe as describeFirmware,
  describeAcpi,
  describeDeviceTree,
  deviceTree,
  deviceTreeObject,
  deviceTreeText,
  type Finding as FirmwareFinding,
  type FirmwareDescription,
  type PlatformGuess,
  platformFromAcpi,
  platformFromDeviceTree,
  splitAcpi,
} from "./firmware/index.ts";
export { type MountOptions, parseMountOptions, Resctrl } from "./fs/index.ts";
export { Live, type LiveOptions } from "./live/index.ts";
export type {
  AccessFilter,
  CpuBandwidthLimit,
  ExceptionLevel,
  ForkOptions,
  GeneratedLabel,
  GuestOptions,
  GuestThreads,
  InterruptEvent,
  KernelMode,
  LabelPair,
  MsiWrite,
  RecordsByPath,
  RegisterAccess,
  RegisterBatch,
  RegisterOutcome,
  RequestKind,
  SwitchCounts,
  SystemRegister,
  SystemRegisterName,
  SystemRegisters,
  Task,
  TaskLabel,
  TraceBatch,
  TraceRequester,
  TraceSource,
  Vm,
} from "./machine/index.ts";
export {
  decodeRegister,
  decodeSystemRegister,
  formatAccess,
  type LabelPath,
  type LabelStep,
  labelPath,
  Machine,
  type MachineOptions,
  REGISTERS,
  type ReplayOptions,
  type ReplayResult,
  RequestRecorder,
  RequestStream,
  recordRequests,
  type Smmu,
  type SmmuCommand,
  type StreamLabel,
  SYSTEM_FIELDS,
  SYSTEM_REGISTERS,
  useModule,
} from "./machine/index.ts";
export type { MscInstance, Platform, Space } from "./platform/index.ts";
export {
  estimateMemory,
  frontOf,
  loadPlatform,
  PlatformError,
  parsePlatform,
  partsOf,
  platformNotes,
  sharesFront,
} from "./platform/index.ts";
export { diffRuns, filesOf, makeRun, type Run, type RunDiff, RunRecorder, readRun } from "./report/index.ts";
export type { Tasks } from "./resctrl/index.ts";
export { parseScript, type ScriptLine, ScriptRun } from "./script/index.ts";
export {
  looped,
  type MarkedSource,
  openTrace,
  openTraces,
  type Position,
  regionOf,
  skipping,
  startingAt,
  taking,
} from "./trace/index.ts";
export type { Caller } from "./tree/index.ts";
export type * from "./types.ts";
