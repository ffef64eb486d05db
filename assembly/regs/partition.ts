// Partition configuration: which PARTID of which RIS is shown, and what can be set for it (IHI 0099, MPAMCFG_*).

import { fieldPrep } from "./field.ts";

// MPAMCFG_PART_SEL: which PARTID of which RIS the other MPAMCFG registers show.
export const PART_SEL_PARTID: u32 = 0x0000_ffff;
export const PART_SEL_INTERNAL: u32 = 0x0001_0000;
export const PART_SEL_INGRESS_TL: u32 = 0x0002_0000;
export const PART_SEL_DEFAULT_PARTID: u32 = 0x0004_0000;
export const PART_SEL_RIS: u32 = 0x0f00_0000;

export function partSel(ris: u32, partid: u32): u32 {
  return (fieldPrep(PART_SEL_RIS, ris) | fieldPrep(PART_SEL_PARTID, partid)) >>> 0;
}

// MPAMCFG_CMAX: a 16-bit fraction of the cache, its implemented bits on top.
export const CMAX_CMAX: u32 = 0x0000_ffff;
export const CMAX_SOFTLIM: u32 = 0x8000_0000;

// MPAMCFG_CMIN, MPAMCFG_CASSOC: fractions like CMAX.
export const CMIN_CMIN: u32 = 0x0000_ffff;
export const CASSOC_CASSOC: u32 = 0x0000_ffff;

// MPAMCFG_MBW_MIN
export const MBW_MIN_MIN: u32 = 0x0000_ffff;

// MPAMCFG_MBW_WINWD: microseconds, 16.8
export const MBW_WINWD_US_FRAC: u32 = 0x0000_00ff;
export const MBW_WINWD_US_INT: u32 = 0x00ff_ff00;

// MPAMCFG_MBW_MAX
export const MBW_MAX_MAX: u32 = 0x0000_ffff;
export const MBW_MAX_HARDLIM: u32 = 0x8000_0000;

// MPAMCFG_MBW_PROP
export const MBW_PROP_STRIDEM1: u32 = 0x0000_ffff;
export const MBW_PROP_EN: u32 = 0x8000_0000;

// MPAMCFG_PRI
export const PRI_INTPRI: u32 = 0x0000_ffff;
export const PRI_DSPRI: u32 = 0xffff_0000;

// MPAMCFG_INTPARTID
export const INTPARTID_INTPARTID: u32 = 0x0000_ffff;
export const INTPARTID_INTERNAL: u32 = 0x0001_0000;

// MPAMCFG_EN, MPAMCFG_DIS
export const EN_PARTID: u32 = 0x0000_ffff;
export const DIS_PARTID: u32 = 0x0000_ffff;
export const DIS_NFU: u32 = 0x8000_0000;

// MPAMCFG_IN_TL, MPAMCFG_OUT_TL, and the _BASE and _MASK of both
export const TL_PARTID_TL: u32 = 0x0000_ffff;
export const TL_ENABLE: u32 = 0x8000_0000;
export const TL_BASE_BASE: u32 = 0x0000_ffff;
export const TL_MASK_MASK_WD: u32 = 0x0000_001f;

/** The implemented bits of a 16-bit fraction of `width` bits, 1..16: the top ones. */
export function fractionMask(width: u32): u32 {
  return ((0xffff << (16 - width)) & 0xffff) >>> 0;
}
