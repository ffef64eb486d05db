// How the kernel reaches the system registers of a cpu. It runs at one exception level, and what traps there is its end.

import * as encodings from "../../assembly/regs/pe-encodings.ts";
import { ErrnoError } from "../errno/index.ts";

/** What came of an access to a system register. */
export type RegisterAccess =
  | { readonly outcome: "done"; readonly value: bigint }
  | { readonly outcome: "undefined" }
  | { readonly outcome: "trap"; readonly to: 2 | 3 }
  | { readonly outcome: "memory" };

/** Accesses of a cpu, as instructions at `el` make them. `register` is an encoding of assembly/regs/pe-encodings.ts. */
export interface RegisterPort {
  read(cpu: number, register: number, el: number): RegisterAccess;
  write(cpu: number, register: number, value: bigint, el: number): RegisterAccess;
  /** Instruction synchronisation barrier. */
  isb(cpu: number): void;
  /** The cpu loses its registers; firmware has run again when this returns. */
  powerCycle(cpu: number): void;
}

const NAMES = new Map(Object.entries(encodings).map(([name, encoding]) => [encoding, name]));

/** Throws EIO for an access that traps or is UNDEFINED: the kernel has no handler for that. */
export class KernelRegisters {
  constructor(readonly port: RegisterPort) {}

  read(cpu: number, register: number, el: number): bigint {
    const access = this.port.read(cpu, register, el);
    if (access.outcome === "done") return access.value;
    throw died(cpu, "reads", register, access);
  }

  write(cpu: number, register: number, value: bigint, el: number): void {
    const access = this.port.write(cpu, register, value, el);
    if (access.outcome !== "done") throw died(cpu, "writes", register, access);
  }
}

function died(cpu: number, does: string, register: number, access: RegisterAccess): ErrnoError {
  const what = `the kernel dies on cpu ${cpu} as it ${does} ${NAMES.get(register) ?? `0x${register.toString(16)}`}`;
  return new ErrnoError("EIO", `${what}: ${why(access)}`);
}

function why(access: RegisterAccess): string {
  if (access.outcome !== "trap") return "the instruction is UNDEFINED";
  if (access.to === 2) return "it traps to EL2, and nobody is there to answer";
  return "it traps to EL3, as firmware has left MPAM3_EL3.TRAPLOWER = 1; arm64.nompam on the command line keeps the kernel from these registers";
}
