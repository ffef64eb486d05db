// The kernel's way to the registers of the cpus: accesses that the hardware answers, with its traps.

import { ACCESS_DONE, ACCESS_MEMORY, ACCESS_TRAP_EL2, ACCESS_TRAP_EL3 } from "../../assembly/regs/pe-words.ts";
import type { RegisterAccess, RegisterPort } from "../kernel/index.ts";
import type { Hardware } from "./wasm.ts";

const NO_VALUE = 0n;

export class KernelPort implements RegisterPort {
  constructor(private readonly hardware: Pick<Hardware, "accessRegister" | "accessed" | "bootPe">) {}

  read(cpu: number, register: number, el: number): RegisterAccess {
    return this.#access(cpu, register, NO_VALUE, el, false);
  }

  write(cpu: number, register: number, value: bigint, el: number): RegisterAccess {
    return this.#access(cpu, register, value, el, true);
  }

  #access(cpu: number, register: number, value: bigint, el: number, write: boolean): RegisterAccess {
    switch (this.hardware.accessRegister(cpu, el, register, write, value)) {
      case ACCESS_DONE:
        return { outcome: "done", value: write ? value : BigInt.asUintN(64, this.hardware.accessed()) };
      case ACCESS_TRAP_EL2:
        return { outcome: "trap", to: 2 };
      case ACCESS_TRAP_EL3:
        return { outcome: "trap", to: 3 };
      case ACCESS_MEMORY:
        return { outcome: "memory" };
      default:
        return { outcome: "undefined" };
    }
  }

  /** Labels are generated when all is written: nothing here runs ahead of what it was told. */
  isb(): void {}

  powerCycle(cpu: number): void {
    this.hardware.bootPe(cpu);
  }
}
