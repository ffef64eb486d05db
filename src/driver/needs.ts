// What the driver needs of the machine it runs on, so that anything of this shape will do.

import type { Bus, Lock, LockName, WidePort } from "../bus/index.ts";
import type { FirmwareMsc } from "../firmware/index.ts";
import type { Platform } from "../platform/index.ts";

/** What the driver needs of a machine; `Machine` is one. */
export interface DriverMachine {
  /** Where the firmware description comes from, unless one is given. The driver looks at nothing else in it. */
  readonly platform?: Platform;
  readonly processor: {
    /** Who boots the cpus, and says what they can do. */
    readonly kernel: DriverKernel;
    /** SMCCC SoC ID, version. Absent: firmware does not tell. */
    readonly socId?: number;
    readonly cpus: readonly { readonly cpu: number; readonly online: boolean }[];
  };
  /** Loads and stores by physical address. */
  readonly bus: WidePort;
  /** Model time, nanoseconds. */
  readonly clock: {
    readonly now: number;
    /** Ends early, with its reason, when the signal aborts. */
    sleep(ns: number, signal?: AbortSignal): Promise<void>;
  };
  /** Calls `handler` whenever an interrupt line changes; `line` is the number firmware gives. Returns how to stop that. */
  onInterrupt(handler: (event: InterruptEvent) => void): () => void;
  /** Tells `handler` of cpus that come and go; of those that go, handlers that came last are told first. Returns how to stop that. */
  onCpu(handler: CpuHandler): () => void;
  /** Software that wants to be in snapshots, by name. */
  readonly parts: Map<string, () => unknown>;
  /** What the part of this name had saved in the snapshot the machine was restored from. */
  saved(name: string): unknown;
}

/** The kernel that the driver is part of, as far as it is about cpus (linux-driver.md section 10). */
export interface DriverKernel {
  /** Throws EIO where it dies. */
  boot(options: { readonly commandLine?: string; readonly cpus: readonly number[]; readonly log: Log }): CpuFeatures;
  /** Context switches put labels into registers from now on. */
  start(): void;
  /** They do no longer. */
  stop(): void;
  /** Where a kernel of a snapshot tells what happens. */
  logTo(log: Log): void;
}

/** What all cpus that booted have. */
export interface CpuFeatures {
  /** Why the kernel uses no MPAM; undefined where it does. */
  readonly without: string | undefined;
  /** MPAMIDR_EL1: the largest labels that every cpu can put on a request. */
  readonly partidMax: number;
  readonly pmgMax: number;
}

/** A cpu has come, or is about to go and can still make accesses. */
export interface CpuChange {
  readonly cpu: number;
  readonly online: boolean;
}

/** Awaited. An error undoes the change, and is whoever's who wanted it. */
export type CpuHandler = (change: CpuChange) => Promise<void> | void;

export interface InterruptEvent {
  readonly kind: "error" | "overflow" | "mailbox";
  readonly line: number;
  /** 1: asserted. */
  readonly level: number;
}

/** How one MSC is reached. */
export type BusFactory = (msc: FirmwareMsc) => Bus;

/** Makes the locks of an MSC; tests give one whose locks do not exclude. */
export type LockFactory = (name: LockName, owner: string) => Lock;

/** One line of the driver's log. */
export interface LogLine {
  /** Model time, nanoseconds. */
  readonly time: number;
  readonly level: "error" | "warning" | "info";
  readonly text: string;
}

export type Log = (level: LogLine["level"], text: string) => void;
