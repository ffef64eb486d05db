// What the modules need of the machine: a Machine satisfies it, and so can a fake.

import type { TaskLabel } from "../kernel/index.ts";
import type { Platform } from "../platform/index.ts";

export type { TaskLabel };

/** A thread and its label. */
export interface Task {
  readonly tid: number;
  readonly label: TaskLabel;
}

/** Where threads come from: the machine, or somebody who knows of others. */
export interface Tasks {
  /** All there are. */
  readonly tasks: readonly Task[];
  /** Undefined: there is no such thread. */
  task(tid: number): Task | undefined;
  /** Labels a thread anew. ESRCH, EINVAL. */
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

/** The kernel below the modules, as far as they ask for one. */
export interface AndroidKernel {
  /** Boots where nobody has: exception level 2 is set up, so that it traps nothing. */
  bootAlone(cpus: readonly number[]): unknown;
  /** The label of the kernel's own requests. */
  mode: { readonly policy: string };
}

/** What the modules need of a machine. */
export interface AndroidMachine {
  readonly platform: Platform;
  readonly clock: { readonly now: number };
  readonly processor: Tasks & {
    readonly cpus: readonly { readonly cpu: number; readonly online: boolean }[];
    /** What switches tasks, where that is modelled. */
    readonly kernel?: AndroidKernel;
  };
  /** EINVAL: there is no such cpu. */
  cpu(cpu: number): { readonly registers: CpuRegisters };
  readonly bus: {
    /** A load by physical address. ENXIO where nothing answers. */
    read(access: BusAccess): bigint;
    /** A load of one word. */
    load32(cpu: number, space: "ns", address: number, by: string): number;
    /** A store of one word. */
    store32(cpu: number, space: "ns", address: number, value: number, by: string): void;
  };
  /** State for snapshots, by name. */
  readonly parts: Map<string, () => unknown>;
  /** What `parts` had under this name when the snapshot was taken. */
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
