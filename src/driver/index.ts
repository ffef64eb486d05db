// The driver: classes of MSCs, what is configured for each PARTID, and monitors, learned from registers and firmware.

export type { Compat } from "./compat.ts";
export type { RegisteredSmmu } from "./core.ts";
export { Driver, type DriverOptions, type DriverState, type MonitorType, type WaitOptions } from "./driver.ts";
export { errorName } from "./errors.ts";
export type {
  BusFactory,
  CpuChange,
  CpuFeatures,
  CpuHandler,
  DriverKernel,
  DriverMachine,
  InterruptEvent,
  LockFactory,
  LogLine,
} from "./needs.ts";
export type { ClassPart, ComponentPart, DriverParts, MscPart, RisPart, VmscPart } from "./parts.ts";
export type { Quirk } from "./quirks.ts";
export type { Limits } from "./requestors.ts";
export type { SmmuMachine } from "./smmu.ts";
export { type DmaLabel, type DmaPolicy, SmmuLabels, type StreamTable, smmuLimits } from "./smmu.ts";
export type { SavedDriver } from "./snapshot.ts";
export type {
  ClassType,
  Component,
  Feature,
  MonitorRequest,
  MpamClass,
  PartConfig,
  Props,
} from "./types.ts";
