// The registers of a vCPU while others have the cpu's. Those of a virtual EL2 are in the page that VNCR_EL2 names (NV2), or, where
// they have no place there, in a word of the hypervisor's own.

import {
  HCR_EL2,
  MPAM1_EL1,
  MPAMBW1_EL1,
  MPAMBWCAP_EL2,
  MPAMHCR_EL2,
  MPAMVPM0_EL2,
  MPAMVPMV_EL2,
} from "../../assembly/regs/pe-encodings.ts";

/** VPM registers there can be. */
const VPMS = 8;

/** Offset in the page, register: 7.2 of the register reference. */
const SLOTS: ReadonlyMap<number, number> = new Map([
  [0x078, HCR_EL2],
  [0x900, MPAM1_EL1],
  [0x908, MPAMBW1_EL1],
  [0x910, MPAMBWCAP_EL2],
  [0x930, MPAMHCR_EL2],
  [0x938, MPAMVPMV_EL2],
  ...Array.from({ length: VPMS }, (_, n) => [0x940 + 8 * n, MPAMVPM0_EL2 + n] as const),
]);

/** Name, in decimal. */
export type BankState = readonly (readonly [register: number, value: string])[];

export class Bank {
  readonly #words: Map<number, bigint>;

  constructor(saved: BankState = []) {
    this.#words = new Map(saved.map(([register, value]) => [register, BigInt(value)]));
  }

  get(register: number): bigint {
    return this.#words.get(register) ?? 0n;
  }

  set(register: number, value: bigint): void {
    this.#words.set(register, BigInt.asUintN(64, value));
  }

  readSlot(offset: number): bigint {
    return this.get(registerAt(offset));
  }

  writeSlot(offset: number, value: bigint): void {
    this.set(registerAt(offset), value);
  }

  /** As a reset leaves a vCPU. */
  clear(): void {
    this.#words.clear();
  }

  /** The registers as they are; call the result to have them again. */
  remember(): () => void {
    const words = [...this.#words];
    return () => {
      this.#words.clear();
      for (const [register, value] of words) this.#words.set(register, value);
    };
  }

  save(): BankState {
    return [...this.#words].map(([register, value]) => [register, value.toString()] as const);
  }
}

function registerAt(offset: number): number {
  const register = SLOTS.get(offset);
  if (register === undefined) throw new Error(`no register has the offset 0x${offset.toString(16)}`);
  return register;
}
