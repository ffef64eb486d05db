// What cpus have of MPAM, as a hypervisor finds out by reading, and what a guest is shown of it.

import { fieldGet, fieldPrep } from "../../assembly/regs/field.ts";
import {
  MPAMIDR_HAS_HCR,
  MPAMIDR_HI_HAS_BW_CTRL,
  MPAMIDR_HI_HAS_TIDR,
  MPAMIDR_HI_PMG_MAX,
  MPAMIDR_PARTID_MAX,
  MPAMIDR_VPMR_MAX,
  PFR0_EL0,
  PFR0_EL1,
  PFR0_EL2,
  PFR0_EL3,
  PFR0_HI_MPAM,
  PFR1_MPAM_FRAC,
  PFR1_SME,
} from "../../assembly/regs/pe.ts";
import { ID_AA64PFR0_EL1, ID_AA64PFR1_EL1, MPAMIDR_EL1 } from "../../assembly/regs/pe-encodings.ts";
import type { HypervisorPort } from "./port.ts";

/** What the ID registers of the host say of MPAM. */
export interface CpuFacts {
  /** ID_AA64PFR0_EL1.MPAM, ID_AA64PFR1_EL1.MPAM_frac; both 0: none. */
  readonly mpam: number;
  readonly frac: number;
  readonly partidMax: number;
  readonly pmgMax: number;
  readonly hasHcr: boolean;
  readonly vpmrMax: number;
  readonly hasTidr: boolean;
  readonly hasSme: boolean;
  readonly hasEl3: boolean;
  readonly hasBandwidth: boolean;
}

/** What a hypervisor reads at EL2. A cpu on which that traps is as one without MPAM. */
export function factsOf(port: HypervisorPort, cpu: number): CpuFacts {
  const read = (register: number): readonly [low: number, high: number] => {
    const access = port.read(cpu, register, 2);
    const value = access.outcome === "done" ? access.value : 0n;
    return [Number(value & 0xffff_ffffn), Number(value >> 32n)];
  };
  const [pfr0, pfr0High] = read(ID_AA64PFR0_EL1);
  const [pfr1] = read(ID_AA64PFR1_EL1);
  const [mpam, frac] = [fieldGet(PFR0_HI_MPAM, pfr0High), fieldGet(PFR1_MPAM_FRAC, pfr1)];
  const [idr, idrHigh] = mpam + frac > 0 ? read(MPAMIDR_EL1) : [0, 0];
  return {
    mpam,
    frac,
    partidMax: fieldGet(MPAMIDR_PARTID_MAX, idr),
    pmgMax: fieldGet(MPAMIDR_HI_PMG_MAX, idrHigh),
    hasHcr: fieldGet(MPAMIDR_HAS_HCR, idr) === 1,
    vpmrMax: fieldGet(MPAMIDR_VPMR_MAX, idr),
    hasTidr: fieldGet(MPAMIDR_HI_HAS_TIDR, idrHigh) === 1,
    hasSme: fieldGet(PFR1_SME, pfr1) > 0,
    hasEl3: fieldGet(PFR0_EL3, pfr0) > 0,
    hasBandwidth: fieldGet(MPAMIDR_HI_HAS_BW_CTRL, idrHigh) === 1,
  };
}

/** What all of them have: a guest may run on any. */
export function leastOf(all: readonly CpuFacts[]): CpuFacts {
  const least = (of: (one: CpuFacts) => number) => Math.min(...all.map(of));
  return {
    mpam: least((one) => one.mpam),
    frac: least((one) => one.frac),
    partidMax: least((one) => one.partidMax),
    pmgMax: least((one) => one.pmgMax),
    hasHcr: all.every((one) => one.hasHcr),
    vpmrMax: least((one) => one.vpmrMax),
    hasTidr: all.every((one) => one.hasTidr),
    hasSme: all.every((one) => one.hasSme),
    hasEl3: all.every((one) => one.hasEl3),
    hasBandwidth: all.every((one) => one.hasBandwidth),
  };
}

/** What a guest reads of the registers that say what there is; none of them can be written. */
export class Identity {
  readonly #values: ReadonlyMap<number, bigint>;

  /** `shows`: the guest's own limits; undefined hides MPAM. */
  constructor(
    facts: CpuFacts,
    nested: boolean,
    shows: { readonly partidMax: number; readonly pmgMax: number } | undefined,
  ) {
    const el = (mask: number, is: boolean) => fieldPrep(mask, is ? 1 : 0);
    const pfr0 = el(PFR0_EL0, true) | el(PFR0_EL1, true) | el(PFR0_EL2, nested) | el(PFR0_EL3, facts.hasEl3);
    const pfr1 = fieldPrep(PFR1_SME, facts.hasSme ? 1 : 0);
    const values = new Map([
      [ID_AA64PFR0_EL1, word(pfr0, shows ? fieldPrep(PFR0_HI_MPAM, facts.mpam) : 0)],
      [ID_AA64PFR1_EL1, word(pfr1 | (shows ? fieldPrep(PFR1_MPAM_FRAC, facts.frac) : 0), 0)],
    ]);
    if (shows) {
      const virtual = nested ? MPAMIDR_HAS_HCR | fieldPrep(MPAMIDR_VPMR_MAX, facts.vpmrMax) : 0;
      const traps = nested && facts.hasTidr ? MPAMIDR_HI_HAS_TIDR : 0;
      const pmg = fieldPrep(MPAMIDR_HI_PMG_MAX, shows.pmgMax);
      values.set(MPAMIDR_EL1, word(fieldPrep(MPAMIDR_PARTID_MAX, shows.partidMax) | virtual, pmg | traps));
    }
    this.#values = values;
  }

  /** Undefined: the guest has no such register. */
  read(register: number): bigint | undefined {
    return this.#values.get(register);
  }
}

function word(low: number, high: number): bigint {
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
}
