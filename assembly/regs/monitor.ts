// Monitors: selection, configuration and values (IHI 0099, MSMON_*). CTL_ and FLT_ fields are those of both monitor
// types unless their name says otherwise in a comment.

import { fieldPrep } from "./field.ts";

// MSMON_CFG_MON_SEL: which monitor of which RIS the other MSMON registers show.
export const MON_SEL_MON: u32 = 0x0000_ffff;
export const MON_SEL_RIS: u32 = 0x0f00_0000;

export function monSel(ris: u32, mon: u32): u32 {
  return (fieldPrep(MON_SEL_RIS, ris) | fieldPrep(MON_SEL_MON, mon)) >>> 0;
}

// MSMON_CFG_CSU_CTL, MSMON_CFG_MBWU_CTL
export const CTL_TYPE: u32 = 0x0000_00ff;
export const CTL_TYPE_CSU: u32 = 0x0000_0043;
export const CTL_TYPE_MBWU: u32 = 0x0000_0042;
export const CTL_OFLOW_LNKG: u32 = 0x0000_0700;
export const CTL_OFLOW_CAPT_L: u32 = 0x0000_2000; // MBWU with a long counter
export const CTL_OFLOW_INTR_L: u32 = 0x0000_4000; // MBWU with a long counter
export const CTL_OFLOW_STATUS_L: u32 = 0x0000_8000; // MBWU with a long counter
export const CTL_MATCH_PARTID: u32 = 0x0001_0000;
export const CTL_MATCH_PMG: u32 = 0x0002_0000;
export const CTL_CEVNT_OFLW: u32 = 0x0004_0000;
export const CTL_SCLEN: u32 = 0x0008_0000; // MBWU
export const CTL_SUBTYPE: u32 = 0x0070_0000;
export const CTL_OFLOW_CAPT: u32 = 0x0080_0000;
export const CTL_OFLOW_FRZ: u32 = 0x0100_0000;
export const CTL_OFLOW_INTR: u32 = 0x0200_0000;
export const CTL_OFLOW_STATUS: u32 = 0x0400_0000;
export const CTL_CAPT_RESET: u32 = 0x0800_0000;
export const CTL_CAPT_EVNT: u32 = 0x7000_0000;
export const CTL_EN: u32 = 0x8000_0000;

// MSMON_CFG_CSU_FLT, MSMON_CFG_MBWU_FLT
export const FLT_PARTID: u32 = 0x0000_ffff;
export const FLT_PMG: u32 = 0x00ff_0000;
export const FLT_RWBW: u32 = 0xc000_0000; // MBWU
export const FLT_XCL: u32 = 0x8000_0000; // CSU
/** Values of RWBW: which direction is counted. */
export const RWBW_BOTH: u32 = 0;
export const RWBW_WRITES: u32 = 1;
export const RWBW_READS: u32 = 2;

// MSMON_CSU, MSMON_MBWU; and the high word of MSMON_MBWU_L, where NRDY is bit 31 as well
export const VALUE_VALUE: u32 = 0x7fff_ffff;
export const VALUE_NRDY: u32 = 0x8000_0000;
export const VALUE_L_HI_44: u32 = 0x0000_0fff;
export const VALUE_L_HI_63: u32 = 0x7fff_ffff;

// MSMON_CAPT_EVNT
export const CAPT_EVNT_NOW: u32 = 0x0000_0001;
export const CAPT_EVNT_ALL: u32 = 0x0000_0002;
/** Capture event codes: 1 to 6 from outside the MSC or by linkage, 7 by MSMON_CAPT_EVNT. */
export const EVENT_LOCAL: u32 = 7;

// MSMON_OFLOW_SR
export const OFLOW_SR_RIS_PND: u32 = 0x0000_ffff;
export const OFLOW_SR_CSA_OFLOW_PND: u32 = 0x2000_0000;
export const OFLOW_SR_MBWU_OFLOW_PND: u32 = 0x4000_0000;
export const OFLOW_SR_CSU_OFLOW_PND: u32 = 0x8000_0000;
