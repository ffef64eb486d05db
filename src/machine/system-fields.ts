// Fields of system registers for people, by name: those of the architecture (IHI 0099, MPAM*_ELx).

import * as regs from "../../assembly/regs/index.ts";
import type { SystemRegisterName } from "./system-registers.ts";

/** A field of 64 bits at most: its mask. */
export type WideFields = Readonly<Record<string, bigint>>;

/** Masks of fields in the low word, and in the high one. */
function fields(low: Readonly<Record<string, number>>, high: Readonly<Record<string, number>> = {}): WideFields {
  return Object.fromEntries([
    ...Object.entries(low).map(([name, mask]) => [name, BigInt(mask)]),
    ...Object.entries(high).map(([name, mask]) => [name, BigInt(mask) << 32n]),
  ]);
}

const LABEL = fields(
  { PARTID_I: regs.MPAM_PARTID_I, PARTID_D: regs.MPAM_PARTID_D },
  { PMG_I: regs.MPAM_HI_PMG_I, PMG_D: regs.MPAM_HI_PMG_D },
);
const ENABLE = fields({}, { MPAMEN: regs.MPAM_HI_MPAMEN });
const MPAM1: WideFields = {
  ...LABEL,
  ...fields({}, { ALTSP_FRCD: regs.MPAM1_HI_ALTSP_FRCD, FORCED_NS: regs.MPAM1_HI_FORCED_NS }),
  ...ENABLE,
};
const LIMIT_FLAGS = { ENABLED: regs.MPAMBW_HI_ENABLED, HW_SCALE_ENABLE: regs.MPAMBW_HI_HW_SCALE_ENABLE };
const NUMBER = regs.MPAMBW_MAX_FRACTION + regs.MPAMBW_MAX_WHOLE;
const LIMIT = fields({ MAX: NUMBER }, { HARDLIM: regs.MPAMBW_HI_HARDLIM, ...LIMIT_FLAGS });

/** The four entries of MPAMVPM<n>_EL2. */
function physical(n: number): WideFields {
  const entries = [0, 1, 2, 3].map((entry) => [
    `PhyPARTID${4 * n + entry}`,
    BigInt(regs.MPAMVPM_PHYPARTID) << BigInt(16 * entry),
  ]);
  return Object.fromEntries(entries);
}

/** Every system register; tsc holds this and the encodings together. */
export const SYSTEM_FIELDS: Readonly<Record<SystemRegisterName, WideFields>> = {
  MPAM0_EL1: LABEL,
  MPAM1_EL1: MPAM1,
  MPAM1_EL12: MPAM1,
  MPAM2_EL2: {
    ...LABEL,
    ...fields(
      {},
      {
        TRAPMPAM1EL1: regs.MPAM2_HI_TRAPMPAM1EL1,
        TRAPMPAM0EL1: regs.MPAM2_HI_TRAPMPAM0EL1,
        EnMPAMSM: regs.MPAM2_HI_ENMPAMSM,
        ALTSP_FRCD: regs.MPAM2_HI_ALTSP_FRCD,
        ALTSP_EL2: regs.MPAM2_HI_ALTSP_EL2,
        ALTSP_HFC: regs.MPAM2_HI_ALTSP_HFC,
        TIDR: regs.MPAM2_HI_TIDR,
      },
    ),
    ...ENABLE,
  },
  MPAM3_EL3: {
    ...LABEL,
    ...fields(
      {},
      {
        RT_ALTSP_NS: regs.MPAM3_HI_RT_ALTSP_NS,
        ALTSP_EL3: regs.MPAM3_HI_ALTSP_EL3,
        ALTSP_HFC: regs.MPAM3_HI_ALTSP_HFC,
        ALTSP_HEN: regs.MPAM3_HI_ALTSP_HEN,
        FORCE_NS: regs.MPAM3_HI_FORCE_NS,
        SDEFLT: regs.MPAM3_HI_SDEFLT,
        TRAPLOWER: regs.MPAM3_HI_TRAPLOWER,
      },
    ),
    ...ENABLE,
  },
  MPAMSM_EL1: fields({ PARTID_D: regs.MPAM_PARTID_D }, { PMG_D: regs.MPAM_HI_PMG_D }),
  MPAMHCR_EL2: fields({
    EL0_VPMEN: regs.MPAMHCR_EL0_VPMEN,
    EL1_VPMEN: regs.MPAMHCR_EL1_VPMEN,
    GSTAPP_PLK: regs.MPAMHCR_GSTAPP_PLK,
    TRAP_MPAMIDR_EL1: regs.MPAMHCR_TRAP_MPAMIDR_EL1,
  }),
  MPAMVPMV_EL2: fields({ VPM_V: regs.MPAMVPMV_VPM_V }),
  MPAMVPM0_EL2: physical(0),
  MPAMVPM1_EL2: physical(1),
  MPAMVPM2_EL2: physical(2),
  MPAMVPM3_EL2: physical(3),
  MPAMVPM4_EL2: physical(4),
  MPAMVPM5_EL2: physical(5),
  MPAMVPM6_EL2: physical(6),
  MPAMVPM7_EL2: physical(7),
  MPAMIDR_EL1: fields(
    { PARTID_MAX: regs.MPAMIDR_PARTID_MAX, HAS_HCR: regs.MPAMIDR_HAS_HCR, VPMR_MAX: regs.MPAMIDR_VPMR_MAX },
    {
      PMG_MAX: regs.MPAMIDR_HI_PMG_MAX,
      HAS_BW_CTRL: regs.MPAMIDR_HI_HAS_BW_CTRL,
      HAS_ALTSP: regs.MPAMIDR_HI_HAS_ALTSP,
      HAS_TIDR: regs.MPAMIDR_HI_HAS_TIDR,
      SP4: regs.MPAMIDR_HI_SP4,
      HAS_FORCE_NS: regs.MPAMIDR_HI_HAS_FORCE_NS,
      HAS_SDEFLT: regs.MPAMIDR_HI_HAS_SDEFLT,
    },
  ),
  MPAMBWIDR_EL1: fields(
    { BWA_WD: regs.MPAMBWIDR_BWA_WD, MAX_LIM: regs.MPAMBWIDR_MAX_LIM },
    { HAS_HW_SCALE: regs.MPAMBWIDR_HI_HAS_HW_SCALE },
  ),
  MPAMBW0_EL1: LIMIT,
  MPAMBW1_EL1: LIMIT,
  MPAMBW1_EL12: LIMIT,
  MPAMBWSM_EL1: LIMIT,
  MPAMBW2_EL2: {
    ...LIMIT,
    ...fields(
      {},
      {
        nTRAP_MPAMBWSM_EL1: regs.MPAMBW2_HI_NTRAP_MPAMBWSM_EL1,
        nTRAP_MPAMBW1_EL1: regs.MPAMBW2_HI_NTRAP_MPAMBW1_EL1,
        nTRAP_MPAMBW0_EL1: regs.MPAMBW2_HI_NTRAP_MPAMBW0_EL1,
        nTRAP_MPAMBWIDR_EL1: regs.MPAMBW2_HI_NTRAP_MPAMBWIDR_EL1,
      },
    ),
  },
  MPAMBW3_EL3: { ...LIMIT, ...fields({}, { nTRAPLOWER: regs.MPAMBW3_HI_NTRAPLOWER }) },
  MPAMBWCAP_EL2: fields({ CAP: NUMBER }, LIMIT_FLAGS),
  SCR_EL3: fields({ NS: regs.SCR_NS, EEL2: regs.SCR_EEL2 }, { NSE: regs.SCR_HI_NSE }),
  HCR_EL2: fields(
    { TID3: regs.HCR_TID3, TGE: regs.HCR_TGE },
    { E2H: regs.HCR_HI_E2H, NV: regs.HCR_HI_NV, NV1: regs.HCR_HI_NV1, NV2: regs.HCR_HI_NV2 },
  ),
  ID_AA64PFR0_EL1: fields(
    { EL0: regs.PFR0_EL0, EL1: regs.PFR0_EL1, EL2: regs.PFR0_EL2, EL3: regs.PFR0_EL3 },
    { MPAM: regs.PFR0_HI_MPAM, RME: regs.PFR0_HI_RME },
  ),
  ID_AA64PFR1_EL1: fields({ MPAM_frac: regs.PFR1_MPAM_FRAC, SME: regs.PFR1_SME }),
};

/** The fields of a system register's value, moved down to bit 0. */
export function decodeSystemRegister(name: SystemRegisterName, value: bigint): Record<string, number> {
  const decoded = Object.entries(SYSTEM_FIELDS[name]).map(([field, mask]) => [field, fieldOf(mask, value)]);
  return Object.fromEntries(decoded);
}

function fieldOf(mask: bigint, value: bigint): number {
  // The lowest bit of a mask is what it has to be divided by.
  return Number((value & mask) / (mask & -mask));
}
