// Which registers a resource of an MSC has, by what its ID registers say.

import {
  CCAP_IDR_HAS_CASSOC,
  CCAP_IDR_HAS_CMIN,
  CCAP_IDR_NO_CMAX,
  CPOR_IDR_CPBM_WD,
  CSUMON_IDR_HAS_CAPTURE,
  CSUMON_IDR_HAS_OFSR,
  fieldGet,
  IDR_EXT,
  IDR_HAS_CCAP_PART,
  IDR_HAS_CPOR_PART,
  IDR_HAS_IMPL_IDR,
  IDR_HAS_MBW_PART,
  IDR_HAS_MSMON,
  IDR_HAS_PARTID_NRW,
  IDR_HAS_PRI_PART,
  IDR_HI_HAS_ENDIS,
  IDR_HI_HAS_ERR_MSI,
  IDR_HI_HAS_ESR,
  IDR_HI_HAS_IN_TL,
  IDR_HI_HAS_OUT_TL,
  IDR_HI_NO_IMPL_MSMON,
  IDR_HI_NO_IMPL_PART,
  MBW_IDR_BWPBM_WD,
  MBW_IDR_HAS_MAX,
  MBW_IDR_HAS_MIN,
  MBW_IDR_HAS_PBM,
  MBW_IDR_HAS_PROP,
  MBWUMON_IDR_HAS_CAPTURE,
  MBWUMON_IDR_HAS_LONG,
  MBWUMON_IDR_HAS_OFSR,
  MSMON_IDR_HAS_LOCAL_CAPT_EVNT,
  MSMON_IDR_HAS_OFLOW_SR,
  MSMON_IDR_HAS_OFLW_MSI,
  MSMON_IDR_MSMON_CSU,
  MSMON_IDR_MSMON_MBWU,
  TL_IDR_HAS_BASE_MASK,
} from "../../assembly/regs/index.ts";
import {
  MPAMF_CCAP_IDR,
  MPAMF_CPOR_IDR,
  MPAMF_CSUMON_IDR,
  MPAMF_IDR,
  MPAMF_IN_TL_IDR,
  MPAMF_MBW_IDR,
  MPAMF_MBWUMON_IDR,
  MPAMF_MSMON_IDR,
  MPAMF_OUT_TL_IDR,
} from "../../assembly/regs/offsets.ts";
import { MEANINGS } from "./look-up.ts";

const OFFSETS = {
  idr: MPAMF_IDR,
  idrHi: MPAMF_IDR + 4,
  cpor: MPAMF_CPOR_IDR,
  ccap: MPAMF_CCAP_IDR,
  mbw: MPAMF_MBW_IDR,
  msmon: MPAMF_MSMON_IDR,
  csu: MPAMF_CSUMON_IDR,
  mbwu: MPAMF_MBWUMON_IDR,
  inTl: MPAMF_IN_TL_IDR,
  outTl: MPAMF_OUT_TL_IDR,
} as const;

/** The words of ID registers that say what else there is: those of one address space and one RIS. */
export type Identity = Readonly<Record<keyof typeof OFFSETS, number>>;

/** What has to be read for an identity, under PART_SEL.RIS. */
export const identityOffsets: readonly number[] = Object.values(OFFSETS);

/** @param words as read from `identityOffsets`, in their order. */
export function readIdentity(words: readonly number[]): Identity {
  return Object.fromEntries(Object.keys(OFFSETS).map((key, n) => [key, words[n] ?? 0])) as Identity;
}

/**
 * The registers that are there under one RIS, by name, and how many of each: more than one of an array only.
 * @param all the identities of every RIS of the space: what no RIS selects is there when one of them has a use for it.
 */
export function registersThere(ris: Identity, all: readonly Identity[], space: string): ReadonlyMap<string, number> {
  const there = new Map<string, number>();
  for (const [name, { selection }] of Object.entries(MEANINGS)) {
    const asked = selection === "none" || selection === "partid" ? [ris, ...all] : [ris];
    const count = Math.max(...asked.map((of) => countOf(name, of, space)));
    if (count > 0) there.set(name, count);
  }
  return there;
}

function countOf(register: string, of: Identity, space: string): number {
  const rule = RULES[register] ?? msiRule(register);
  return Number(rule ? rule(of, space) : true);
}

function has(word: number, mask: number): boolean {
  return (word & mask) !== 0;
}

type Rule = (of: Identity, space: string) => boolean | number;

const controls = (of: Identity): boolean =>
  has(of.idr, IDR_HAS_CCAP_PART | IDR_HAS_CPOR_PART | IDR_HAS_MBW_PART | IDR_HAS_PRI_PART | IDR_HAS_PARTID_NRW) ||
  (has(of.idr, IDR_HAS_IMPL_IDR) && !has(of.idrHi, IDR_HI_NO_IMPL_PART));
const ccap = (of: Identity) => has(of.idr, IDR_HAS_CCAP_PART);
const mbw = (of: Identity) => has(of.idr, IDR_HAS_MBW_PART);
const monitors = (of: Identity) => has(of.idr, IDR_HAS_MSMON);
const csu = (of: Identity) => monitors(of) && has(of.msmon, MSMON_IDR_MSMON_CSU);
const mbwu = (of: Identity) => monitors(of) && has(of.msmon, MSMON_IDR_MSMON_MBWU);
const endis = (of: Identity) => has(of.idrHi, IDR_HI_HAS_ENDIS);
// In version 1.0 no bit says whether errors are recorded.
const errors = (of: Identity) => !has(of.idr, IDR_EXT) || has(of.idrHi, IDR_HI_HAS_ESR);
const inTl = (of: Identity) => has(of.idrHi, IDR_HI_HAS_IN_TL);
const outTl = (of: Identity) => has(of.idrHi, IDR_HI_HAS_OUT_TL);
const words = (bits: number) => (bits + 31) >>> 5;

const RULES: Readonly<Record<string, Rule>> = {
  MPAMF_SIDR: (_, space) => space === "s",
  MPAMF_IMPL_IDR: (of) => has(of.idr, IDR_HAS_IMPL_IDR),
  MPAMF_CPOR_IDR: (of) => has(of.idr, IDR_HAS_CPOR_PART),
  MPAMF_CCAP_IDR: ccap,
  MPAMF_MBW_IDR: mbw,
  MPAMF_PRI_IDR: (of) => has(of.idr, IDR_HAS_PRI_PART),
  MPAMF_PARTID_NRW_IDR: (of) => has(of.idr, IDR_HAS_PARTID_NRW),
  MPAMF_MSMON_IDR: monitors,
  MPAMF_CSUMON_IDR: csu,
  MPAMF_MBWUMON_IDR: mbwu,
  MPAMF_ECR: errors,
  MPAMF_ESR: errors,
  MPAMCFG_PART_SEL: controls,
  MPAMCFG_CMAX: (of) => ccap(of) && !has(of.ccap, CCAP_IDR_NO_CMAX),
  MPAMCFG_CMIN: (of) => ccap(of) && has(of.ccap, CCAP_IDR_HAS_CMIN),
  MPAMCFG_CASSOC: (of) => ccap(of) && has(of.ccap, CCAP_IDR_HAS_CASSOC),
  MPAMCFG_MBW_MIN: (of) => mbw(of) && has(of.mbw, MBW_IDR_HAS_MIN),
  MPAMCFG_MBW_MAX: (of) => mbw(of) && has(of.mbw, MBW_IDR_HAS_MAX),
  MPAMCFG_MBW_WINWD: mbw,
  MPAMCFG_MBW_PROP: (of) => mbw(of) && has(of.mbw, MBW_IDR_HAS_PROP),
  MPAMCFG_MBW_PBM: (of) => (mbw(of) && has(of.mbw, MBW_IDR_HAS_PBM) ? words(fieldGet(MBW_IDR_BWPBM_WD, of.mbw)) : 0),
  MPAMCFG_CPBM: (of) => (has(of.idr, IDR_HAS_CPOR_PART) ? words(fieldGet(CPOR_IDR_CPBM_WD, of.cpor)) : 0),
  MPAMCFG_EN: endis,
  MPAMCFG_DIS: endis,
  MPAMCFG_EN_FLAGS: endis,
  MPAMCFG_PRI: (of) => has(of.idr, IDR_HAS_PRI_PART),
  MPAMCFG_INTPARTID: (of) => has(of.idr, IDR_HAS_PARTID_NRW),
  MSMON_CFG_MON_SEL: (of) => monitors(of) || (has(of.idr, IDR_HAS_IMPL_IDR) && !has(of.idrHi, IDR_HI_NO_IMPL_MSMON)),
  MSMON_CAPT_EVNT: (of) => monitors(of) && has(of.msmon, MSMON_IDR_HAS_LOCAL_CAPT_EVNT),
  MSMON_CFG_CSU_FLT: csu,
  MSMON_CFG_CSU_CTL: csu,
  MSMON_CSU: csu,
  MSMON_CSU_CAPTURE: (of) => csu(of) && has(of.csu, CSUMON_IDR_HAS_CAPTURE),
  MSMON_CSU_OFSR: (of) => csu(of) && has(of.csu, CSUMON_IDR_HAS_OFSR),
  MSMON_CFG_MBWU_FLT: mbwu,
  MSMON_CFG_MBWU_CTL: mbwu,
  MSMON_MBWU: mbwu,
  MSMON_MBWU_CAPTURE: (of) => mbwu(of) && has(of.mbwu, MBWUMON_IDR_HAS_CAPTURE),
  MSMON_MBWU_L: (of) => mbwu(of) && has(of.mbwu, MBWUMON_IDR_HAS_LONG),
  MSMON_MBWU_L_CAPTURE: (of) => mbwu(of) && has(of.mbwu, MBWUMON_IDR_HAS_LONG) && has(of.mbwu, MBWUMON_IDR_HAS_CAPTURE),
  MSMON_MBWU_OFSR: (of) => mbwu(of) && has(of.mbwu, MBWUMON_IDR_HAS_OFSR),
  MSMON_OFLOW_SR: (of) => monitors(of) && has(of.msmon, MSMON_IDR_HAS_OFLOW_SR),
  MPAMF_IN_TL_IDR: inTl,
  MPAMCFG_IN_TL: inTl,
  MPAMCFG_IN_TL_BASE: (of) => inTl(of) && has(of.inTl, TL_IDR_HAS_BASE_MASK),
  MPAMCFG_IN_TL_MASK: (of) => inTl(of) && has(of.inTl, TL_IDR_HAS_BASE_MASK),
  MPAMF_OUT_TL_IDR: outTl,
  MPAMCFG_OUT_TL: outTl,
  MPAMCFG_OUT_TL_BASE: (of) => outTl(of) && has(of.outTl, TL_IDR_HAS_BASE_MASK),
  MPAMCFG_OUT_TL_MASK: (of) => outTl(of) && has(of.outTl, TL_IDR_HAS_BASE_MASK),
};

function msiRule(register: string): Rule | undefined {
  if (register.startsWith("MPAMF_ERR_MSI_")) return (of) => has(of.idrHi, IDR_HI_HAS_ERR_MSI);
  if (register.startsWith("MSMON_OFLOW_MSI_")) return (of) => monitors(of) && has(of.msmon, MSMON_IDR_HAS_OFLW_MSI);
  return undefined;
}
