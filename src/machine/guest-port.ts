// The hypervisor's way to the registers of the cpus: accesses that the hardware answers, with what a trap says of itself.

import { ACCESS_DONE, ACCESS_MEMORY, ACCESS_TRAP_EL2, ACCESS_TRAP_EL3 } from "../../assembly/regs/pe-words.ts";
import { type GuestAccess, type HypervisorPort, trapTo } from "../hypervisor/index.ts";
import type { Hardware } from "./wasm.ts";

export type GuestHardware = Pick<Hardware, "accessRegister" | "accessed" | "bootPe" | "savePe" | "restorePe">;

export class GuestPort implements HypervisorPort {
  constructor(private readonly hardware: GuestHardware) {}

  read(cpu: number, register: number, el: number): GuestAccess {
    return this.#access(cpu, register, el, false, 0n);
  }

  write(cpu: number, register: number, value: bigint, el: number): GuestAccess {
    return this.#access(cpu, register, el, true, value);
  }

  #access(cpu: number, register: number, el: number, write: boolean, value: bigint): GuestAccess {
    const became = this.hardware.accessRegister(cpu, el, register, write, value);
    const accessed = BigInt.asUintN(64, this.hardware.accessed());
    switch (became) {
      case ACCESS_DONE:
        return { outcome: "done", value: accessed };
      case ACCESS_TRAP_EL2:
        return trapTo(2, register, write);
      case ACCESS_TRAP_EL3:
        return trapTo(3, register, write);
      case ACCESS_MEMORY:
        return { outcome: "memory", offset: Number(accessed) };
      default:
        return { outcome: "undefined" };
    }
  }

  /** Labels are generated when all is written: nothing here runs ahead of what it was told. */
  isb(): void {}

  powerCycle(cpu: number): void {
    this.hardware.bootPe(cpu);
  }

  aside<T>(cpu: number, body: () => T): T {
    this.hardware.savePe(cpu);
    try {
      return body();
    } finally {
      this.hardware.restorePe(cpu);
    }
  }
}
