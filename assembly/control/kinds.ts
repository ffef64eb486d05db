// The controls an MSC can have: a number for each, so that what is alike in all of them (a table a bank, indexed by PARTID,
// of words cut to what is implemented) is written once. What a control means is in the files beside this one.

import { fieldGet, fieldPrep } from "../field";
import {
  CCAP_IDR_CASSOC_WD,
  CCAP_IDR_CMAX_WD,
  CCAP_IDR_HAS_CASSOC,
  CCAP_IDR_HAS_CMAX_SOFTLIM,
  CCAP_IDR_HAS_CMIN,
  CCAP_IDR_NO_CMAX,
  CPOR_IDR_CPBM_WD,
  IDR_HAS_CCAP_PART,
  IDR_HAS_CPOR_PART,
  IDR_HAS_MBW_PART,
  IDR_HAS_PRI_PART,
  MAX_LIM_BOTH,
  MAX_LIM_HARD,
  MBW_IDR_BWA_WD,
  MBW_IDR_BWPBM_WD,
  MBW_IDR_HAS_MAX,
  MBW_IDR_HAS_MIN,
  MBW_IDR_HAS_PBM,
  MBW_IDR_HAS_PROP,
  MBW_IDR_MAX_LIM,
  MBW_IDR_WINDWR,
  PRI_IDR_DSPRI_WD,
  PRI_IDR_HAS_DSPRI,
  PRI_IDR_HAS_INTPRI,
  PRI_IDR_INTPRI_WD,
} from "../regs/identity";
import { MPAMCFG_CPBM, MPAMCFG_MBW_PBM } from "../regs/offsets";
import {
  CMAX_SOFTLIM,
  fractionMask,
  MBW_MAX_HARDLIM,
  MBW_PROP_EN,
  MBW_WINWD_US_FRAC,
  MBW_WINWD_US_INT,
  PRI_DSPRI,
} from "../regs/partition";
import { Control, Ris } from "../msc/state";

export const CPBM: u32 = 0;
export const CMAX: u32 = 1;
export const CMIN: u32 = 2;
export const CASSOC: u32 = 3;
export const MBW_MIN: u32 = 4;
export const MBW_MAX: u32 = 5;
export const MBW_WINWD: u32 = 6;
export const MBW_PROP: u32 = 7;
export const MBW_PBM: u32 = 8;
export const PRI: u32 = 9;

/** The word of a bitmap that an offset is; other controls have one word. */
export function wordAt(control: u32, offset: u32): u32 {
  if (control == CPBM) return (offset - MPAMCFG_CPBM) >>> 2;
  return control == MBW_PBM ? (offset - MPAMCFG_MBW_PBM) >>> 2 : 0;
}

const ALL: u32 = u32.MAX_VALUE;
const FULL: u32 = 0xffff;

/** Declares the controls that the ID registers of a RIS announce. Reset values: registers.md 3.6. */
export function declareControls(ris: Ris, winwd: u32): void {
  if (ris.idr & IDR_HAS_CPOR_PART) bitmap(ris, CPBM, fieldGet(CPOR_IDR_CPBM_WD, ris.cporIdr));
  if (ris.idr & IDR_HAS_CCAP_PART) {
    const idr = ris.ccapIdr;
    const fraction = fractionMask(fieldGet(CCAP_IDR_CMAX_WD, idr));
    if ((idr & CCAP_IDR_NO_CMAX) == 0)
      word(ris, CMAX, fraction | (idr & CCAP_IDR_HAS_CMAX_SOFTLIM ? CMAX_SOFTLIM : 0), 0, FULL);
    if (idr & CCAP_IDR_HAS_CMIN) word(ris, CMIN, fraction, 0, 0);
    if (idr & CCAP_IDR_HAS_CASSOC) word(ris, CASSOC, fractionMask(fieldGet(CCAP_IDR_CASSOC_WD, idr)), 0, FULL);
  }
  if (ris.idr & IDR_HAS_MBW_PART) {
    const idr = ris.mbwIdr;
    const width = fieldGet(MBW_IDR_BWA_WD, idr);
    const lim = fieldGet(MBW_IDR_MAX_LIM, idr);
    // HARDLIM is a choice only where both kinds of limit exist, and reads 1 where every limit is hard.
    const hardlim = lim == MAX_LIM_BOTH ? MBW_MAX_HARDLIM : 0;
    const ones = lim == MAX_LIM_HARD ? MBW_MAX_HARDLIM : 0;
    if (idr & MBW_IDR_HAS_MAX) word(ris, MBW_MAX, fractionMask(width) | hardlim, ones, FULL);
    if (idr & MBW_IDR_HAS_MIN) word(ris, MBW_MIN, fractionMask(width), 0, FULL);
    if (idr & MBW_IDR_HAS_PROP) word(ris, MBW_PROP, MBW_PROP_EN | low(width), 0, 0);
    if (idr & MBW_IDR_HAS_PBM) bitmap(ris, MBW_PBM, fieldGet(MBW_IDR_BWPBM_WD, idr));
    if (idr & MBW_IDR_WINDWR) word(ris, MBW_WINWD, MBW_WINWD_US_INT | MBW_WINWD_US_FRAC, 0, winwd);
    else word(ris, MBW_WINWD, 0, winwd, winwd);
  }
  if (ris.idr & IDR_HAS_PRI_PART) {
    const idr = ris.priIdr;
    const inside = idr & PRI_IDR_HAS_INTPRI ? low(fieldGet(PRI_IDR_INTPRI_WD, idr)) : 0;
    const down = idr & PRI_IDR_HAS_DSPRI ? fieldPrep(PRI_DSPRI, low(fieldGet(PRI_IDR_DSPRI_WD, idr))) : 0;
    word(ris, PRI, inside | down, 0, 0);
  }
}

function word(ris: Ris, control: u32, mask: u32, ones: u32, reset: u32): void {
  declare(ris, control, 1, mask, ones, reset);
}

/** Bits at and past the width are RES0, and the last word of a bitmap is usually short (D3). */
function bitmap(ris: Ris, control: u32, width: u32): void {
  declare(ris, control, (width + 31) >>> 5, width & 31 ? low(width & 31) : ALL, 0, ALL);
}

function declare(ris: Ris, control: u32, words: u32, mask: u32, ones: u32, reset: u32): void {
  const entry = ris.control(control);
  entry.words = words;
  entry.mask = mask;
  entry.ones = ones;
  entry.reset = reset;
  ris.controls |= 1 << control;
}

/** The `width` low bits, 0..32 of them. */
function low(width: u32): u32 {
  return width >= 32 ? ALL : (1 << width) - 1;
}
