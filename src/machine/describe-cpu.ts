// From a platform to the ID registers of a cpu, in the words software will read, and what the cpu chooses.

import {
  fieldPrep,
  MAX_LIM_BOTH,
  MAX_LIM_HARD,
  MAX_LIM_SOFT,
  MPAMBWIDR_BWA_WD,
  MPAMBWIDR_HI_HAS_HW_SCALE,
  MPAMBWIDR_MAX_LIM,
  MPAMIDR_HAS_HCR,
  MPAMIDR_HI_HAS_ALTSP,
  MPAMIDR_HI_HAS_BW_CTRL,
  MPAMIDR_HI_HAS_FORCE_NS,
  MPAMIDR_HI_HAS_SDEFLT,
  MPAMIDR_HI_HAS_TIDR,
  MPAMIDR_HI_PMG_MAX,
  MPAMIDR_HI_SP4,
  MPAMIDR_PARTID_MAX,
  MPAMIDR_VPMR_MAX,
  PE_ERROR_PMG_ZERO,
  PE_FIRMWARE_ENABLES,
  PE_FIRMWARE_TRAPS,
  PE_FORCE_NS_RAO,
  PE_FRCD_FORCED,
  PE_NARROW_PHYPARTID,
  PE_PHYSICAL_MAX,
  PE_PMG_MAX,
  PE_RESET_ONES,
  PE_STREAMING_AS_EL,
  PE_VIRTUAL,
  PFR0_EL0,
  PFR0_EL1,
  PFR0_EL2,
  PFR0_EL3,
  PFR0_HI_MPAM,
  PFR0_HI_RME,
  PFR1_MPAM_FRAC,
  PFR1_SME,
  VIRTUAL_DEFAULT,
  VIRTUAL_WRAP,
  VIRTUAL_ZERO,
} from "../../assembly/regs/index.ts";
import type { PeDescription } from "../platform/index.ts";

/** ID registers as `addPe` takes them. */
export interface PeWords {
  readonly pfr0: number;
  readonly pfr0Hi: number;
  readonly pfr1: number;
  readonly idr: number;
  readonly idrHi: number;
  readonly bwidr: number;
  readonly bwidrHi: number;
  readonly options: number;
  readonly bytesPerSecond: bigint;
}

/** ID_AA64PFR0_EL1.MPAM and ID_AA64PFR1_EL1.MPAM_frac. */
const VERSIONS = { none: [0, 0], "0.1": [0, 1], "1.0": [1, 0], "1.1": [1, 1] } as const;
const LIMITS = { both: MAX_LIM_BOTH, soft: MAX_LIM_SOFT, hard: MAX_LIM_HARD } as const;
const VIRTUAL = { default: VIRTUAL_DEFAULT, zero: VIRTUAL_ZERO, wrap: VIRTUAL_WRAP } as const;

/** All of `bits` where they are, or 0. */
function when(is: boolean, bits: number): number {
  return is ? bits : 0;
}

function all(...words: readonly number[]): number {
  return words.reduce((sum, word) => sum | word, 0) >>> 0;
}

export function peWords(pe: PeDescription): PeWords {
  const [major, minor] = VERSIONS[pe.version];
  const hasMpam = pe.version !== "none";
  const { bandwidth, vpmrMax } = pe;
  const one = (mask: number, is: boolean) => fieldPrep(mask, is ? 1 : 0);
  const limits = hasMpam && bandwidth !== "none" ? bandwidth : undefined;
  return {
    pfr0: all(fieldPrep(PFR0_EL0, 1), fieldPrep(PFR0_EL1, 1), one(PFR0_EL2, pe.el2), one(PFR0_EL3, pe.el3)),
    pfr0Hi: all(fieldPrep(PFR0_HI_MPAM, major), one(PFR0_HI_RME, pe.rme)),
    pfr1: all(fieldPrep(PFR1_MPAM_FRAC, minor), one(PFR1_SME, pe.sme)),
    idr: hasMpam
      ? all(
          fieldPrep(MPAMIDR_PARTID_MAX, pe.partidMax),
          vpmrMax === "none" ? 0 : all(MPAMIDR_HAS_HCR, fieldPrep(MPAMIDR_VPMR_MAX, vpmrMax)),
        )
      : 0,
    idrHi: hasMpam
      ? all(
          fieldPrep(MPAMIDR_HI_PMG_MAX, pe.pmgMax),
          when(limits !== undefined, MPAMIDR_HI_HAS_BW_CTRL),
          when(pe.rme, all(MPAMIDR_HI_HAS_ALTSP, MPAMIDR_HI_SP4)),
          when(pe.tidr, MPAMIDR_HI_HAS_TIDR),
          when(pe.forceNs !== "none", MPAMIDR_HI_HAS_FORCE_NS),
          when(pe.sdeflt, MPAMIDR_HI_HAS_SDEFLT),
        )
      : 0,
    bwidr: limits
      ? all(fieldPrep(MPAMBWIDR_BWA_WD, limits.bwaWd), fieldPrep(MPAMBWIDR_MAX_LIM, LIMITS[limits.maxLim]))
      : 0,
    bwidrHi: when(limits?.hwScale === true, MPAMBWIDR_HI_HAS_HW_SCALE),
    options: optionsOf(pe),
    bytesPerSecond: BigInt(Math.floor(limits?.bytesPerSecond ?? 0)),
  };
}

function optionsOf({ unpredictable: open, forceNs, firmware }: PeDescription): number {
  return all(
    when(open.reset === "ones", PE_RESET_ONES),
    fieldPrep(PE_VIRTUAL, VIRTUAL[open.virtual]),
    when(open.physical === "max", PE_PHYSICAL_MAX),
    when(open.pmg === "max", PE_PMG_MAX),
    when(open.pmgOfError === "zero", PE_ERROR_PMG_ZERO),
    when(open.phyPartid === "narrow", PE_NARROW_PHYPARTID),
    when(open.streaming === "el", PE_STREAMING_AS_EL),
    when(open.altspFrcd === "forced", PE_FRCD_FORCED),
    when(forceNs === "rao", PE_FORCE_NS_RAO),
    when(firmware.enables, PE_FIRMWARE_ENABLES),
    when(firmware.traps, PE_FIRMWARE_TRAPS),
  );
}
