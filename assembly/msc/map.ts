// The map of a register page: for each word the group of registers it belongs to and its number in the group, in one byte,
// so that an access decides once where it goes. Words without a byte are reserved (registers.md 1.4).

import { CASSOC, CMAX, CMIN, CPBM, MBW_MAX, MBW_MIN, MBW_PBM, MBW_PROP, MBW_WINWD, PRI } from "../control/kinds";
import {
  CSU_CAPTURE,
  CSU_CTL,
  CSU_FLT,
  CSU_OFSR,
  CSU_VALUE,
  MBWU_CAPTURE,
  MBWU_CTL,
  MBWU_FLT,
  MBWU_LONG,
  MBWU_LONG_CAPTURE,
  MBWU_OFSR,
  MBWU_VALUE,
} from "../monitor/registers";
import {
  MPAMCFG_CASSOC,
  MPAMCFG_CMAX,
  MPAMCFG_CMIN,
  MPAMCFG_CPBM,
  MPAMCFG_DIS,
  MPAMCFG_EN,
  MPAMCFG_EN_FLAGS,
  MPAMCFG_INTPARTID,
  MPAMCFG_MBW_MAX,
  MPAMCFG_MBW_MIN,
  MPAMCFG_MBW_PBM,
  MPAMCFG_MBW_PROP,
  MPAMCFG_MBW_WINWD,
  MPAMCFG_PART_SEL,
  MPAMCFG_PRI,
  MPAMF_ECR,
  MPAMF_ERR_MSI_MPAM,
  MPAMF_ESR,
  MPAMF_IDR,
  MPAMF_IN_TL_IDR,
  MPAMF_MBWUMON_IDR,
  MPAMF_OUT_TL_IDR,
  MSMON_CAPT_EVNT,
  MSMON_CFG_CSU_CTL,
  MSMON_CFG_CSU_FLT,
  MSMON_CFG_MBWU_CTL,
  MSMON_CFG_MBWU_FLT,
  MSMON_CFG_MON_SEL,
  MSMON_CSU,
  MSMON_CSU_CAPTURE,
  MSMON_CSU_OFSR,
  MSMON_MBWU,
  MSMON_MBWU_CAPTURE,
  MSMON_MBWU_L,
  MSMON_MBWU_L_CAPTURE,
  MSMON_MBWU_OFSR,
  MSMON_OFLOW_MSI_MPAM,
  MSMON_OFLOW_SR,
} from "../regs/offsets";
import { allocate, root } from "../root";

/** Bytes of a page that registers are in. */
const PAGE_BYTES: u32 = 0x4000;

const GROUP_SHIFT: u32 = 5;
export const NUMBER: u32 = (1 << GROUP_SHIFT) - 1;

export const IDENTITY: u32 = 1;
export const ERRORS: u32 = 2;
export const PARTITIONS: u32 = 3;
export const CONTROL: u32 = 4;
export const MONITOR: u32 = 5;
export const MONITORS: u32 = 6;
export const TRANSLATIONS: u32 = 7;

// @ts-ignore: decorator
@inline
export function groupOf(entry: u32): u32 {
  return entry >>> GROUP_SHIFT;
}

/** The entry of an offset; 0 for one that no register has. */
// @ts-ignore: decorator
@inline
export function entryAt(offset: u32): u32 {
  // An offset that is not aligned ends up far outside.
  const word = rotr(offset, 2);
  return word < PAGE_BYTES >>> 2 ? <u32>load<u8>(root().map + word) : 0;
}

function put(offset: u32, group: u32, number: u32): void {
  store<u8>(root().map + (offset >>> 2), <u8>((group << GROUP_SHIFT) | number));
}

/** `words` words of a group whose registers are told apart by their offsets. */
function putAll(first: u32, last: u32, group: u32): void {
  for (let offset = first; offset <= last; offset += 4) put(offset, group, 0);
}

export function buildMap(): void {
  root().map = allocate(PAGE_BYTES >>> 2);
  putAll(MPAMF_IDR, MPAMF_MBWUMON_IDR, IDENTITY);
  putAll(MPAMF_ERR_MSI_MPAM, MPAMF_ECR, ERRORS);
  putAll(MPAMF_ESR, MPAMF_ESR + 4, ERRORS);
  put(MPAMCFG_PART_SEL, PARTITIONS, 0);
  put(MPAMCFG_EN, PARTITIONS, 0);
  put(MPAMCFG_DIS, PARTITIONS, 0);
  put(MPAMCFG_EN_FLAGS, PARTITIONS, 0);
  put(MPAMCFG_INTPARTID, PARTITIONS, 0);
  put(MPAMCFG_CMAX, CONTROL, CMAX);
  put(MPAMCFG_CMIN, CONTROL, CMIN);
  put(MPAMCFG_CASSOC, CONTROL, CASSOC);
  put(MPAMCFG_MBW_MIN, CONTROL, MBW_MIN);
  put(MPAMCFG_MBW_MAX, CONTROL, MBW_MAX);
  put(MPAMCFG_MBW_WINWD, CONTROL, MBW_WINWD);
  put(MPAMCFG_MBW_PROP, CONTROL, MBW_PROP);
  put(MPAMCFG_PRI, CONTROL, PRI);
  for (let n: u32 = 0; n < 1024; n++) put(MPAMCFG_CPBM + (n << 2), CONTROL, CPBM);
  for (let n: u32 = 0; n < 128; n++) put(MPAMCFG_MBW_PBM + (n << 2), CONTROL, MBW_PBM);
  put(MSMON_CFG_MON_SEL, MONITORS, 0);
  put(MSMON_CAPT_EVNT, MONITORS, 0);
  putAll(MSMON_OFLOW_MSI_MPAM, MSMON_OFLOW_SR, MONITORS);
  put(MSMON_CFG_CSU_FLT, MONITOR, CSU_FLT);
  put(MSMON_CFG_CSU_CTL, MONITOR, CSU_CTL);
  put(MSMON_CSU, MONITOR, CSU_VALUE);
  put(MSMON_CSU_CAPTURE, MONITOR, CSU_CAPTURE);
  put(MSMON_CSU_OFSR, MONITOR, CSU_OFSR);
  put(MSMON_CFG_MBWU_FLT, MONITOR, MBWU_FLT);
  put(MSMON_CFG_MBWU_CTL, MONITOR, MBWU_CTL);
  put(MSMON_MBWU, MONITOR, MBWU_VALUE);
  put(MSMON_MBWU_CAPTURE, MONITOR, MBWU_CAPTURE);
  put(MSMON_MBWU_L, MONITOR, MBWU_LONG);
  put(MSMON_MBWU_L + 4, MONITOR, MBWU_LONG + 1);
  put(MSMON_MBWU_L_CAPTURE, MONITOR, MBWU_LONG_CAPTURE);
  put(MSMON_MBWU_L_CAPTURE + 4, MONITOR, MBWU_LONG_CAPTURE + 1);
  put(MSMON_MBWU_OFSR, MONITOR, MBWU_OFSR);
  for (let word: u32 = 0; word <= 0x18; word += 4) {
    put(MPAMF_IN_TL_IDR + word, TRANSLATIONS, 0);
    put(MPAMF_OUT_TL_IDR + word, TRANSLATIONS, 0);
  }
}
