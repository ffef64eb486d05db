// The system registers of a cpu, as the architecture module reads them.

import type { AndroidMachine, CpuRegisters } from "./needs.ts";

/** Of a machine whose cpus have no registers yet: all are as the platform says. */
export function registersOf(machine: AndroidMachine, cpu: number): CpuRegisters {
  const { registers } = machine.cpu(cpu);
  if (registers) return registers;
  const values: { readonly [name in string]?: bigint } = {
    ID_AA64PFR0_EL1: 1n << 40n,
    MPAM1_EL1: 1n << 63n,
    MPAMIDR_EL1: BigInt(machine.processor.partidMax),
  };
  return {
    read(register) {
      const value = values[register];
      return value === undefined ? { outcome: "undefined" } : { outcome: "done", value };
    },
  };
}
