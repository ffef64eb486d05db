// What a cpu has, by its ID registers (register reference 7.1 to 7.3): which registers are there, and which of their bits.

import { fieldGet } from "../field";
import { MAX_LIM_BOTH, MAX_LIM_HARD } from "../regs/identity";
import { fractionMask } from "../regs/partition";
import {
  HCR_HI_E2H,
  HCR_HI_NV,
  HCR_HI_NV1,
  HCR_HI_NV2,
  HCR_TGE,
  HCR_TID3,
  MPAM2_HI_ALTSP_EL2,
  MPAM2_HI_ALTSP_HFC,
  MPAM2_HI_ENMPAMSM,
  MPAM2_HI_TIDR,
  MPAM2_HI_TRAPMPAM0EL1,
  MPAM2_HI_TRAPMPAM1EL1,
  MPAM3_HI_ALTSP_EL3,
  MPAM3_HI_ALTSP_HEN,
  MPAM3_HI_ALTSP_HFC,
  MPAM3_HI_FORCE_NS,
  MPAM3_HI_RT_ALTSP_NS,
  MPAM3_HI_SDEFLT,
  MPAM3_HI_TRAPLOWER,
  MPAM_HI_MPAMEN,
  MPAM_HI_PMG_D,
  MPAM_HI_PMG_I,
  MPAM_PARTID_D,
  MPAMBW2_HI_NTRAP_MPAMBW0_EL1,
  MPAMBW2_HI_NTRAP_MPAMBW1_EL1,
  MPAMBW2_HI_NTRAP_MPAMBWIDR_EL1,
  MPAMBW2_HI_NTRAP_MPAMBWSM_EL1,
  MPAMBW3_HI_NTRAPLOWER,
  MPAMBW_HI_ENABLED,
  MPAMBW_HI_HARDLIM,
  MPAMBW_HI_HW_SCALE_ENABLE,
  MPAMBW_MAX_WHOLE,
  MPAMBWIDR_BWA_WD,
  MPAMBWIDR_HI_HAS_HW_SCALE,
  MPAMBWIDR_MAX_LIM,
  MPAMHCR_EL0_VPMEN,
  MPAMHCR_EL1_VPMEN,
  MPAMHCR_GSTAPP_PLK,
  MPAMHCR_TRAP_MPAMIDR_EL1,
  MPAMIDR_HAS_HCR,
  MPAMIDR_HI_HAS_ALTSP,
  MPAMIDR_HI_HAS_BW_CTRL,
  MPAMIDR_HI_HAS_FORCE_NS,
  MPAMIDR_HI_HAS_SDEFLT,
  MPAMIDR_HI_HAS_TIDR,
  MPAMIDR_PARTID_MAX,
  MPAMIDR_VPMR_MAX,
  PFR0_EL2,
  PFR0_EL3,
  PFR0_HI_MPAM,
  PFR0_HI_RME,
  PFR1_MPAM_FRAC,
  PFR1_SME,
  SCR_EEL2,
  SCR_HI_NSE,
  SCR_NS,
} from "../regs/pe";
import { PE_FORCE_NS_RAO, PE_NARROW_PHYPARTID } from "../regs/pe-words";
import {
  HCR,
  MPAM0,
  MPAM1,
  MPAM2,
  MPAM3,
  MPAMBW0,
  MPAMBW1,
  MPAMBW2,
  MPAMBW3,
  MPAMBWCAP,
  MPAMBWIDR,
  MPAMBWSM,
  MPAMHCR,
  MPAMIDR,
  MPAMSM,
  MPAMVPM0,
  MPAMVPMV,
  Pe,
  PFR0,
  PFR1,
  SCR,
  wide,
} from "./registers";

export function hasEl2(pe: Pe): bool {
  return (pe.low(PFR0) & PFR0_EL2) != 0;
}

export function hasEl3(pe: Pe): bool {
  return (pe.low(PFR0) & PFR0_EL3) != 0;
}

export function hasRme(pe: Pe): bool {
  return (pe.high(PFR0) & PFR0_HI_RME) != 0;
}

export function hasSme(pe: Pe): bool {
  return (pe.low(PFR1) & PFR1_SME) != 0;
}

export function hasMpam(pe: Pe): bool {
  return (pe.high(PFR0) & PFR0_HI_MPAM) != 0 || (pe.low(PFR1) & PFR1_MPAM_FRAC) != 0;
}

export function hasHcr(pe: Pe): bool {
  return (pe.low(MPAMIDR) & MPAMIDR_HAS_HCR) != 0;
}

export function highestEl(pe: Pe): u32 {
  return hasEl3(pe) ? 3 : hasEl2(pe) ? 2 : 1;
}

/** Entries that virtual PARTIDs have, 4 for each MPAMVPM<n>_EL2. */
export function virtualPartids(pe: Pe): u32 {
  return (fieldGet(MPAMIDR_VPMR_MAX, pe.low(MPAMIDR)) + 1) << 2;
}

/** Declares the registers of a cpu whose ID registers are there. */
export function declareRegisters(pe: Pe): void {
  if (hasEl3(pe)) {
    pe.describe(SCR, wide(hasRme(pe) ? SCR_HI_NSE : 0, SCR_NS | (hasEl2(pe) ? SCR_EEL2 : 0)));
  }
  if (hasEl2(pe)) {
    pe.describe(HCR, wide(HCR_HI_E2H | HCR_HI_NV | HCR_HI_NV1 | HCR_HI_NV2, HCR_TID3 | HCR_TGE));
  }
  if (!hasMpam(pe)) return;
  declareLabels(pe);
  if (hasHcr(pe)) declareVirtual(pe);
  if (pe.high(MPAMIDR) & MPAMIDR_HI_HAS_BW_CTRL) declareBandwidth(pe);
}

function declareLabels(pe: Pe): void {
  const altsp = (pe.high(MPAMIDR) & MPAMIDR_HI_HAS_ALTSP) != 0;
  const label = wide(MPAM_HI_PMG_D | MPAM_HI_PMG_I, u32.MAX_VALUE);
  pe.describe(MPAM0, label);
  // MPAMEN is written in the register of the highest exception level.
  const enable = wide(MPAM_HI_MPAMEN, 0);
  pe.describe(MPAM1, highestEl(pe) == 1 ? label | enable : label);
  if (hasSme(pe)) pe.describe(MPAMSM, wide(MPAM_HI_PMG_D, MPAM_PARTID_D));
  if (hasEl2(pe)) {
    let high: u32 = MPAM2_HI_TRAPMPAM0EL1 | MPAM2_HI_TRAPMPAM1EL1;
    if (highestEl(pe) == 2) high |= MPAM_HI_MPAMEN;
    if (pe.high(MPAMIDR) & MPAMIDR_HI_HAS_TIDR) high |= MPAM2_HI_TIDR;
    if (hasSme(pe)) high |= MPAM2_HI_ENMPAMSM;
    if (altsp) high |= MPAM2_HI_ALTSP_HFC | MPAM2_HI_ALTSP_EL2;
    pe.describe(MPAM2, label | wide(high, 0));
  }
  if (hasEl3(pe)) {
    let high: u32 = MPAM_HI_MPAMEN | MPAM3_HI_TRAPLOWER;
    let ones: u32 = 0;
    if (pe.high(MPAMIDR) & MPAMIDR_HI_HAS_SDEFLT) high |= MPAM3_HI_SDEFLT;
    if (pe.high(MPAMIDR) & MPAMIDR_HI_HAS_FORCE_NS) {
      if (pe.options & PE_FORCE_NS_RAO) ones = MPAM3_HI_FORCE_NS;
      else high |= MPAM3_HI_FORCE_NS;
    }
    if (altsp) high |= MPAM3_HI_ALTSP_HEN | MPAM3_HI_ALTSP_HFC | MPAM3_HI_ALTSP_EL3 | MPAM3_HI_RT_ALTSP_NS;
    pe.describe(MPAM3, label | wide(high, 0), wide(ones, 0));
  }
}

function declareVirtual(pe: Pe): void {
  pe.describe(
    MPAMHCR,
    wide(0, MPAMHCR_TRAP_MPAMIDR_EL1 | MPAMHCR_GSTAPP_PLK | MPAMHCR_EL1_VPMEN | MPAMHCR_EL0_VPMEN),
  );
  const entries = virtualPartids(pe);
  pe.describe(MPAMVPMV, wide(0, u32.MAX_VALUE >>> (32 - entries)));
  let partid: u64 = 0xffff;
  if (pe.options & PE_NARROW_PHYPARTID) {
    const most = pe.low(MPAMIDR) & MPAMIDR_PARTID_MAX;
    partid = most == 0 ? 0 : <u64>(u32.MAX_VALUE >>> clz(most));
  }
  const four = partid | (partid << 16) | (partid << 32) | (partid << 48);
  for (let n: u32 = 0; n < entries >>> 2; n++) pe.describe(MPAMVPM0 + n, four);
}

function declareBandwidth(pe: Pe): void {
  const idr = pe.low(MPAMBWIDR);
  const scales = (pe.high(MPAMBWIDR) & MPAMBWIDR_HI_HAS_HW_SCALE) != 0;
  const fraction = fractionMask(fieldGet(MPAMBWIDR_BWA_WD, idr));
  const number = scales ? fraction | MPAMBW_MAX_WHOLE : fraction;
  const cap = wide(MPAMBW_HI_ENABLED | (scales ? MPAMBW_HI_HW_SCALE_ENABLE : 0), number);
  const kind = fieldGet(MPAMBWIDR_MAX_LIM, idr);
  const limit = kind == MAX_LIM_BOTH ? cap | wide(MPAMBW_HI_HARDLIM, 0) : cap;
  const ones = kind == MAX_LIM_HARD ? wide(MPAMBW_HI_HARDLIM, 0) : 0;
  pe.describe(MPAMBW0, limit, ones);
  pe.describe(MPAMBW1, limit, ones);
  if (hasSme(pe)) pe.describe(MPAMBWSM, limit, ones);
  if (hasEl2(pe)) {
    let traps: u32 = MPAMBW2_HI_NTRAP_MPAMBWIDR_EL1 | MPAMBW2_HI_NTRAP_MPAMBW0_EL1 | MPAMBW2_HI_NTRAP_MPAMBW1_EL1;
    if (hasSme(pe)) traps |= MPAMBW2_HI_NTRAP_MPAMBWSM_EL1;
    pe.describe(MPAMBW2, limit | wide(traps, 0), ones);
  }
  if (hasEl3(pe)) pe.describe(MPAMBW3, limit | wide(MPAMBW3_HI_NTRAPLOWER, 0), ones);
  if (hasHcr(pe)) pe.describe(MPAMBWCAP, cap);
}
