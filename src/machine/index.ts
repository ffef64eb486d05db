// The machine: hardware on one memory, its clock, its address map and its processor side.

export type { Vm } from "../hypervisor/index.ts";
export type { ForkOptions, Kernel, KernelMode, LabelPair, SwitchCounts, Task, TaskLabel } from "../kernel/index.ts";
export { type AccessFilter, parseAccessFilter } from "./access-filter.ts";
export { formatAccess } from "./access-line.ts";
export type { AccessHandler, FieldAccess, RecordedError, RegisterAccess } from "./access-log.ts";
export { RegisterBatch } from "./batch.ts";
export { Clock, type Timer } from "./clock.ts";
export type { FeedPosition } from "./columns-in.ts";
export type { Cpu, CpuChange, CpuHandler } from "./cpus.ts";
export { MOST_WORKERS } from "./crew.ts";
export type { Border, Crossing, OpenCrossing, RecordFeed } from "./crossing.ts";
export {
  type BandwidthMeter,
  type BandwidthSample,
  type BandwidthUse,
  LATENCY_BUCKETS,
  type LatencyHistogram,
  type LatencyStatistics,
  type LossStatistics,
  latencyQuantile,
  type PortBandwidth,
  type RangeStatistics,
  type SliceDetails,
  type StallStatistics,
} from "./details.ts";
export type { Devices } from "./devices.ts";
export { checkFault } from "./faults/check.ts";
export type { Faults } from "./faults/faults.ts";
export type {
  ErrorInterrupt,
  Fault,
  FaultHandle,
  MailboxFault,
  MscGone,
  NrdyStuck,
  RegisterStuck,
  WriteLost,
} from "./faults/types.ts";
export type { GuestOptions, GuestThreads } from "./guests.ts";
export { DIRTY_LINE, EMPTY_WAY, type SetRange, type SlicePlace } from "./held-lines.ts";
export type { MachineOptions } from "./insides.ts";
export type {
  Delivery,
  InterruptEvent,
  InterruptHandler,
  MailboxInterrupt,
  MscInterrupt,
  MsiWrite,
} from "./interrupts.ts";
export { type LabelPath, type LabelStep, labelPath, SPACE_WORDS, showWord } from "./label-path.ts";
export { Machine, type MachineExport } from "./machine.ts";
export type { Pace } from "./pace.ts";
export type { Caller } from "./pages.ts";
export { type AccessBytes, type BusAccess, type BusWindow, PhysicalBus } from "./physical-bus.ts";
export type { Resources } from "./power-on.ts";
export { Processor } from "./processor.ts";
export { type BuildCall, type BuildCallName, type RecordedPowerOn, recordPowerOn } from "./recorded.ts";
export { type DecodedRegister, decodeRegister, errorCodeName, REGISTERS, type Register } from "./registers.ts";
export type { Progress, ReplayOptions } from "./replay.ts";
export { RequestRecorder, type RequestRecorderOptions, recordRequests } from "./request-recorder.ts";
export { type RequestChunk, RequestStream, type RequestStreamData, type Sender } from "./request-stream.ts";
export { nameOfMsc, type Settings, settingsOf } from "./settings.ts";
export {
  type Aborted,
  type LabelSource,
  SMMU_REQUEST_KINDS,
  type Smmu,
  type SmmuCommand,
  type SmmuRequestKind,
  type SmmuState,
  type Stream,
  type StreamLabel,
  type StreamRequest,
  type WordAccess,
} from "./smmu/index.ts";
export {
  ESCAPE_STEP,
  isDevice,
  LINE_BYTES,
  OP_FETCH,
  OP_PREFETCH,
  OP_READ,
  OP_WRITE,
  RAW_WIDTHS,
  type RawBatch,
  type RawForm,
  type RawRows,
  type RowSource,
  type TraceBatch,
  type TracePart,
  type TraceRequester,
  type TraceSource,
  type TraceSpace,
  type TraceStream,
} from "./source.ts";
export { type CountedLabel, type Label, spaceNamed } from "./spaces.ts";
export type {
  ChannelStatistics,
  ExportedLine,
  ExportedSlice,
  LabelStatistics,
  LevelStatistics,
  SliceStatistics,
} from "./statistics.ts";
export { decodeSystemRegister, SYSTEM_FIELDS, type WideFields } from "./system-fields.ts";
export {
  type CpuBandwidthLimit,
  type ExceptionLevel,
  encodingParts,
  type GeneratedLabel,
  type RegisterOutcome,
  type RequestKind,
  SYSTEM_REGISTERS,
  type SystemRegister,
  type SystemRegisterName,
  SystemRegisters,
  systemRegisterNamed,
} from "./system-registers.ts";
export type { RecordsByPath, ReplayResult } from "./traffic.ts";
export { useModule } from "./wasm.ts";
