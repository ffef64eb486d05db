// What this room needs of the machine and the driver below it: the announced classes satisfy these, and so can a fake.

import type { Component, MonitorRequest, MpamClass, PartConfig } from "../driver/index.ts";
import type { FirmwareDescription } from "../firmware/index.ts";

/** What a thread's requests carry: PARTID and PMG for data and for instructions. */
export interface TaskLabel {
  readonly partidD: number;
  readonly partidI: number;
  readonly pmgD: number;
  readonly pmgI: number;
}

export interface Task {
  readonly tid: number;
  readonly label: TaskLabel;
  /** Owner, where the machine knows one; 0 otherwise. */
  readonly uid?: number;
}

export interface Processor {
  readonly cpus: readonly { readonly cpu: number; readonly online: boolean }[];
  readonly tasks: readonly Task[];
  task(tid: number): Task | undefined;
  setTaskLabel(tid: number, label: TaskLabel): void;
  setCpuDefault(cpu: number, label: TaskLabel): void;
  setGlobalDefault(label: TaskLabel): void;
}

export interface Timer {
  cancel(): void;
}

export interface Clock {
  /** Model time, ns. */
  readonly now: number;
  at(dueNs: number, kind: string, fn: () => void | Promise<void>): Timer;
}

export interface ResctrlMachine {
  readonly clock: Clock;
  readonly processor: Processor;
  readonly parts: Map<string, () => unknown>;
  saved(name: string): unknown;
}

export interface ResctrlDriver {
  readonly machine: ResctrlMachine;
  readonly firmware: FirmwareDescription;
  readonly enabled: boolean;
  readonly partidMax: number;
  readonly pmgMax: number;
  readonly classes: readonly MpamClass[];
  apply(component: Component, partid: number, config: PartConfig): Promise<void>;
  stored(component: Component, partid: number): Readonly<PartConfig>;
  resetClass(c: MpamClass): Promise<void>;
  readMonitor(component: Component, request: MonitorRequest): Promise<bigint>;
  allocMonitor(c: MpamClass, type: "csu" | "mbwu"): number;
  freeMonitor(c: MpamClass, type: "csu" | "mbwu", mon: number): void;
  resetMbwu(component: Component, mon: number): void;
  onDisable(fn: () => Promise<void> | void): unknown;
}
