// Partition configuration: which PARTID of which RIS is shown, and what can be set for it (IHI 0099, MPAMCFG_*).

import { fieldPrep } from "./field.ts";

// MPAMCFG_PART_SEL: which PARTID of which RIS the other MPAMCFG registers show.
export const PART_SEL_PARTID: u32 = 0x0000_ffff;
export const PART_SEL_INTERNAL: u32 = 0x0001_0000;
export const PART_SEL_RIS: u32 = 0x0f00_0000;

export function partSel(ris: u32, partid: u32): u32 {
  return (fieldPrep(PART_SEL_RIS, ris) | fieldPrep(PART_SEL_PARTID, partid)) >>> 0;
}

// MPAMCFG_CMAX: a 16-bit fraction of the cache, its implemented bits on top.
export const CMAX_CMAX: u32 = 0x0000_ffff;
export const CMAX_SOFTLIM: u32 = 0x8000_0000;

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

/** The implemented bits of a 16-bit fraction of `width` bits, 1..16: the top ones. */
export function fractionMask(width: u32): u32 {
  return ((0xffff << (16 - width)) & 0xffff) >>> 0;
}
