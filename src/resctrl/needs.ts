// What this room needs of the machine and the driver below it: the announced classes satisfy these, and so can a fake.

import type { Compat, Component, CpuHandler, LogLine, MonitorRequest, MpamClass, PartConfig } from "../driver/index.ts";
import type { FirmwareDescription } from "../firmware/index.ts";
import type { KernelMode as KernelPolicy, LabelPair, TaskLabel } from "../kernel/index.ts";
import type { CtrlDomain, MonDomain, Resource } from "./resource.ts";

export type { KernelPolicy, LabelPair, TaskLabel };

export interface Task {
  readonly tid: number;
  readonly label: TaskLabel;
  /** Owner, where the machine knows one; 0 otherwise. */
  readonly uid?: number;
  /** Saved user id; that of the owner where nothing else is said. */
  readonly suid?: number;
}

/** Where threads come from: the machine, or somebody who knows of others. */
export interface Tasks {
  /** All there are. Idle threads never are. */
  readonly tasks: readonly Task[];
  task(tid: number): Task | undefined;
  setTaskLabel(tid: number, label: TaskLabel): void;
}

/** A kernel whose policy can be chosen. It holds from the next edge on; registers are written where they change. */
export interface Kernel {
  mode: KernelPolicy;
}

export interface Processor extends Tasks {
  /** Absent: kernel work always carries the label of the task. */
  readonly kernel?: Kernel | undefined;
  readonly cpus: readonly { readonly cpu: number; readonly online: boolean }[];
  setCpuDefault(cpu: number, label: TaskLabel): void;
  cpuDefault(cpu: number): TaskLabel | undefined;
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
  /** Of cpus that go, who came last is told first. */
  onCpu(handler: CpuHandler): () => void;
  readonly parts: Map<string, () => unknown>;
  saved(name: string): unknown;
}

export interface ResctrlDriver {
  readonly machine: ResctrlMachine;
  readonly firmware: FirmwareDescription;
  readonly enabled: boolean;
  /** Why it is disabled for good. */
  readonly disableReason?: string | undefined;
  /** A kernel whose hazards are kept, here as well. */
  readonly compat?: Compat | undefined;
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
  disable(reason: string): Promise<void>;
  /** A line in the driver's log. */
  note(level: LogLine["level"], text: string): void;
}

/**
 * What the filesystem is told of domains and cpus (resctrl-glue.md section 13). All are called under the filesystem's
 * lock.
 */
export interface FsHooks {
  onlineCtrlDomain(r: Resource, d: CtrlDomain): void | Promise<void>;
  onlineMonDomain(r: Resource, d: MonDomain): void | Promise<void>;
  offlineCtrlDomain(r: Resource, d: CtrlDomain): void | Promise<void>;
  offlineMonDomain(r: Resource, d: MonDomain): void | Promise<void>;
  onlineCpu(cpu: number): void | Promise<void>;
  offlineCpu(cpu: number): void | Promise<void>;
  /**
   * MPAM is disabled, for good. Not under the lock: whoever has it may be waiting for the hardware. Domains go after
   * this.
   */
  exit?(): void | Promise<void>;
}
