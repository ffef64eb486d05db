// What the modules need of the machine: a Machine satisfies it, and so can a fake.

import type { TaskLabel } from "../kernel/index.ts";
import type { Platform } from "../platform/index.ts";

export type { TaskLabel };

export interface Task {
  readonly tid: number;
  readonly label: TaskLabel;
}

/** Where threads come from: the machine, or somebody who knows of others. */
export interface Tasks {
  /** All there are. */
  readonly tasks: readonly Task[];
  task(tid: number): Task | undefined;
  setTaskLabel(tid: number, label: TaskLabel): void;
}

/** An access of a cpu to one of its system registers, and what came of it. */
export type RegisterRead =
  | { readonly outcome: "done"; readonly value: bigint }
  | { readonly outcome: "undefined" | "memory" }
  | { readonly outcome: "trap"; readonly to: number };

export interface CpuRegisters {
  read(register: AskedRegister, by: { readonly el: 1 | 2 }): RegisterRead;
}

export type AskedRegister = "ID_AA64PFR0_EL1" | "MPAM1_EL1" | "MPAMIDR_EL1";

interface BusAccess {
  readonly cpu: number;
  readonly space: "ns";
  readonly address: number;
  readonly bytes: 8;
  readonly by: string;
}

export interface AndroidKernel {
  /** Boots where nobody has: exception level 2 is set up, so that it traps nothing. */
  bootAlone(cpus: readonly number[]): unknown;
  /** The label of the kernel's own requests. */
  mode: { readonly policy: string };
}

export interface AndroidMachine {
  readonly platform: Platform;
  readonly clock: { readonly now: number };
  readonly processor: Tasks & {
    readonly cpus: readonly { readonly cpu: number; readonly online: boolean }[];
    /** What switches tasks, where that is modelled. */
    readonly kernel?: AndroidKernel;
  };
  cpu(cpu: number): { readonly registers: CpuRegisters };
  readonly bus: {
    read(access: BusAccess): bigint;
    load32(cpu: number, space: "ns", address: number, by: string): number;
    store32(cpu: number, space: "ns", address: number, value: number, by: string): void;
  };
  readonly parts: Map<string, () => unknown>;
  saved(name: string): unknown;
}

/** A line of the kernel's log. */
export interface LogLine {
  /** Model time, ns. */
  readonly time: number;
  readonly level: "error" | "warning" | "info";
  readonly text: string;
}

export type Log = (level: LogLine["level"], text: string) => void;
