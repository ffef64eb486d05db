// What this room needs of the machine and the driver below it: the announced classes satisfy these, and so can a fake.

import type { Compat, Component, CpuHandler, LogLine, MonitorRequest, MpamClass, PartConfig } from "../driver/index.ts";
import type { FirmwareDescription } from "../firmware/index.ts";
import type { KernelMode as KernelPolicy, LabelPair, TaskLabel } from "../kernel/index.ts";
import type { CtrlDomain, MonDomain, Resource } from "./resource.ts";

export type { KernelPolicy, LabelPair, TaskLabel };

/** A thread, as resctrl sees it. */
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
  /** Undefined: there is no such thread. */
  task(tid: number): Task | undefined;
  /** Labels a thread anew. ESRCH, EINVAL. */
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

/** What resctrl needs of the machine below the driver. */
export interface ResctrlMachine {
  readonly clock: Clock;
  readonly processor: Processor;
  /** Of cpus that go, who came last is told first. */
  onCpu(handler: CpuHandler): () => void;
  /** State for snapshots, by name. */
  readonly parts: Map<string, () => unknown>;
  /** What `parts` had under this name when the snapshot was taken. */
  saved(name: string): unknown;
}

/** What resctrl needs of a driver; `Driver` is one. */
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
  /** Configures a PARTID in all MSCs of a component. What is absent has its reset value. */
  apply(component: Component, partid: number, config: PartConfig): Promise<void>;
  /** What was applied last. */
  stored(component: Component, partid: number): Readonly<PartConfig>;
  /** All PARTIDs of a class to their reset values. */
  resetClass(c: MpamClass): Promise<void>;
  /** Bytes. EBUSY: not ready. */
  readMonitor(component: Component, request: MonitorRequest): Promise<bigint>;
  /** The lowest free monitor. EOPNOTSUPP, ENOSPC. */
  allocMonitor(c: MpamClass, type: "csu" | "mbwu"): number;
  /** Gives a monitor back. EINVAL. */
  freeMonitor(c: MpamClass, type: "csu" | "mbwu", mon: number): void;
  /** The counter reads from zero again. EINVAL. */
  resetMbwu(component: Component, mon: number): void;
  /** Calls `fn` when MPAM is disabled for good. */
  onDisable(fn: () => Promise<void> | void): unknown;
  /** Disables MPAM for good. */
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
