// A vCPU: a thread of the host, and a bank of registers for what the guest has in it.

import { Bank, type BankState } from "./bank.ts";
import type { Vm } from "./vm.ts";

export interface VCpuState {
  readonly tid: number;
  readonly cpu: number;
  readonly below: boolean;
  /** Its registers while it is in no cpu. */
  readonly bank: BankState;
}

/** A cpu of a guest: a thread of the host, and its registers while it is not in a cpu. */
export class VCpu {
  /** Its registers while it is in no cpu. */
  readonly bank: Bank;
  /** With a virtual EL2: the guest has gone below it, to EL1 or EL0. */
  below: boolean;
  /** Where its thread runs. */
  cpu: number;
  /** Its thread. */
  readonly tid: number;

  constructor(
    /** Whose it is. */
    readonly vm: Vm,
    /** Its number in the guest. */
    readonly index: number,
    { tid, cpu, below = false, bank }: { tid: number; cpu: number; below?: boolean; bank?: BankState },
  ) {
    this.tid = tid;
    this.cpu = cpu;
    this.below = below;
    this.bank = new Bank(bank);
  }

  /** The result puts it back to what it is now. */
  remember(): () => void {
    const { below } = this;
    const bank = this.bank.remember();
    return () => {
      this.below = below;
      bank();
    };
  }

  /** For a snapshot. */
  save(): VCpuState {
    return { tid: this.tid, cpu: this.cpu, below: this.below, bank: this.bank.save() };
  }
}
